import { type Bench, tenantOf } from '../bench';
import { formAt, posted } from '../forms';
import { costOf, measure } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { USERS } from '../users-view';

/** Invitations of new people by the form, compared with one statement that writes person, invitation, mail and entry. */
export async function* invite(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  const { slug } = await tenantOf(bench.size);
  const { cookie, limitCookie } = await signInAdmin(slug);
  const form = await formAt(`${product.origin}${USERS}/invite`, cookie, 'email');
  const run = Date.now().toString(36);
  let n = 0;
  const email = () => `invited-${run}-${n++}@example.com`;
  const costs = await measure(
    [
      {
        name: 'limit',
        url: `${limit.origin}/invite`,
        probes: limit.probes,
        status: 303,
        next: () => ({ method: 'POST', headers: { cookie: limitCookie }, body: JSON.stringify({ email: email() }) }),
      },
      {
        name: 'product',
        url: form.url,
        probes: product.probes,
        status: 303,
        next: () => posted(form, { email: email(), firstName: '', lastName: '', role: 'standard_user' }),
      },
    ],
    { concurrency: 1, rounds: bench.rounds, requests: 20 },
  );
  yield { what: 'invite', users: bench.size, of: costOf(costs) };
}
