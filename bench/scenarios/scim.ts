import { type Bench, tenantOf } from '../bench';
import { costOf, measure } from '../measure';
import type { Row } from '../results';
import { newScimTokens } from '../scim-tokens';
import { signInAdmin } from '../sign-in';

const PATH = '/api/scim/v2/Users';
const CREATED = 40;
const AT_ONCE = 8;

/** An identity provider's requests: a list, the look-up before a create, creates, and a changed name. */
export async function* scim(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  const { id: tenantId, slug } = await tenantOf(bench.size);
  const { limitCookie } = await signInAdmin(slug);
  const token = await newScimTokens(tenantId);
  const run = Date.now().toString(36);
  let n = 0;
  const created: Record<'limit' | 'product', string[]> = { limit: [], product: [] };

  const ask = (method: string, query: string, body?: unknown) => ({
    limit: { url: `${limit.origin}/scim${query}`, method, headers: { cookie: limitCookie }, ...bodyOf(body) },
    product: {
      url: `${product.origin}${PATH}${query}`,
      method,
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/scim+json' },
      ...bodyOf(body),
    },
  });
  const compare = async (
    what: string,
    make: (server: 'limit' | 'product') => ReturnType<typeof ask>,
    concurrency: number,
    status = 200,
  ) => {
    const costs = await measure(
      (['limit', 'product'] as const).map((name) => ({
        name,
        url: '',
        probes: { limit, product }[name].probes,
        status,
        next: () => make(name)[name],
        seen: (body: Buffer) => {
          if (status === 201) created[name].push((JSON.parse(body.toString()) as { id: string }).id);
        },
      })),
      { concurrency, rounds: bench.rounds, requests: CREATED },
    );
    return { what, users: bench.size, of: costOf(costs) };
  };

  yield await compare('SCIM list of 100', () => ask('GET', '?count=100'), 1);
  yield await compare(
    'SCIM look-up by userName',
    () => ask('GET', `?filter=${encodeURIComponent(`userName eq "nobody-${run}@example.com"`)}`),
    1,
  );
  yield await compare(
    `SCIM create, ${AT_ONCE} at once`,
    () => ask('POST', '', person(`scim-${run}-${n++}@example.com`)),
    AT_ONCE,
    201,
  );
  yield await compare(
    `SCIM PATCH, ${AT_ONCE} at once`,
    (server) => ask('PATCH', `/${created[server][n % created[server].length]}`, renamed(`Name ${n++}`)),
    AT_ONCE,
  );
}

const bodyOf = (body: unknown) => (body === undefined ? {} : { body: JSON.stringify(body) });

const person = (userName: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName,
  name: { givenName: 'Grace', familyName: 'Bench' },
  emails: [{ value: userName, type: 'work', primary: true }],
  active: true,
});

const renamed = (value: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'name.familyName', value }],
});
