import { Agent } from 'node:http';
import { type Bench, tenantOf } from '../bench';
import { type Form, formAt, posted, send } from '../forms';
import { costOf, measure } from '../measure';
import type { Row } from '../results';
import { PASSWORD } from '../seed';
import { passwordAddresses, signInAdmin } from '../sign-in';
import { USERS } from '../users-view';

/**
 * Sign-ins by the form, each by a different person, compared with the bare server (finds the account, verifies the password,
 * writes session and entry) and with the password hash alone. Then the Users page while sign-ins arrive as fast as possible.
 */
const AT_ONCE = 4;
const REGULARS = 40;

async function deviceOf(form: Form, email: string): Promise<string> {
  const agent = new Agent();
  const { headers } = await send(form.url, agent, posted(form, { email, password: PASSWORD }));
  agent.destroy();
  const device = headers['set-cookie']?.find((cookie) => cookie.startsWith('rollcall-device='));
  if (!device) throw new Error('A sign-in did not make its browser known.');
  return device.split(';')[0] ?? '';
}

export async function* signIn(bench: Bench): AsyncGenerator<Row> {
  const [product, limit] = [await bench.product(), await bench.limit()];
  const { id, slug } = await tenantOf(bench.size);
  const next = await passwordAddresses(id);
  const form = await formAt(`${product.origin}/sign-in`, '', 'email');
  const json = (path: string) => () => ({
    url: `${limit.origin}${path}`,
    method: 'POST',
    body: JSON.stringify({ email: next(), password: PASSWORD }),
  });
  const signIns = {
    name: 'product',
    url: product.origin,
    probes: product.probes,
    status: 303,
    next: () => ({ ...posted(form, { email: next(), password: PASSWORD }), url: form.url }),
  };
  // Sign-ins from a known browser: the warm-up rounds make it known for each of these people.
  const browser = { ...form, cookie: await deviceOf(form, next()) };
  const regulars = Array.from({ length: REGULARS }, next);
  let turn = 0;
  const again = {
    ...signIns,
    name: 'known',
    next: () => ({
      ...posted(browser, { email: String(regulars[turn++ % REGULARS]), password: PASSWORD }),
      url: form.url,
    }),
  };
  const load = { concurrency: AT_ONCE, rounds: bench.rounds, requests: 40 };
  const costs = await measure(
    [
      { name: 'limit', url: limit.origin, probes: limit.probes, status: 303, next: json('/sign-in') },
      { name: 'hashes', url: limit.origin, probes: limit.probes, status: 303, next: json('/prove') },
      signIns,
      again,
    ],
    load,
  );
  const { known: ofKnown, ...of } = costOf(costs);
  yield { what: `sign-in, ${AT_ONCE} at once`, users: bench.size, of };
  const beside = { limit: of.limit ?? {}, hashes: of.hashes ?? {}, product: ofKnown ?? {} };
  yield { what: `sign-in from a known browser, ${AT_ONCE} at once`, users: bench.size, of: beside };

  const { cookie } = await signInAdmin(slug);
  const page = { name: 'product', url: `${product.origin}${USERS}`, headers: { cookie }, probes: product.probes };
  const calm = { concurrency: 1, rounds: bench.rounds, requests: 20 };
  const [alone] = await measure([page], calm);
  let storming = true;
  const storm = (async () => {
    while (storming) await measure([signIns], { ...load, rounds: 1, warmUp: 0 });
  })();
  const [during] = await measure([page], calm).finally(() => {
    storming = false;
  });
  await storm;
  for (const [what, cost] of Object.entries({
    'Users page, nobody signs in': alone,
    'Users page, sign-ins storm': during,
  }))
    if (cost) yield { what, users: bench.size, of: { product: { p50: cost.p50, p95: cost.p95 } } };
}
