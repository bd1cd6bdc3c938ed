import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, tenantOf } from '../bench';
import { formAt, posted, type Sent, send } from '../forms';
import { quantile } from '../measure';
import type { Row } from '../results';
import { newScimTokens } from '../scim-tokens';
import { PASSWORD } from '../seed';
import { passwordAddresses, signInAdmin } from '../sign-in';
import { USERS } from '../users-view';
import { most, watch, within } from '../watch';

/**
 * Half an hour of typical requests at a steady rate well below the capacity of one process: pages, sign-ins, invitations with
 * their mail, an identity provider. Memory and handles at the end must be what they were after the first minutes.
 */
const PER_SECOND = 12;
const SAMPLE_MS = 5_000;
const LOG = '/administration/access/audit-log';
const SCIM = '/api/scim/v2/Users';

type Ask = { path: string; sent: Sent; status: number };

export async function* soak(bench: Bench): AsyncGenerator<Row> {
  const product = await bench.product();
  const durationMs = bench.quick ? 60_000 : 30 * 60_000;
  const day = await aDay(product.origin, bench.size);
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const watched = watch(product.probes, SAMPLE_MS);
  const [times, failed]: [number[][], string[]] = [[[], []], []];
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  for (let n = 0, past = 0; past < durationMs; n++, past = performance.now() - began) {
    const { path, sent, status } = day(n);
    const half = times[past < durationMs / 2 ? 0 : 1];
    const asked = send(`${product.origin}${path}`, agent, sent)
      .then(
        (answer) => void (answer.status === status ? half?.push(answer.ms) : failed.push(`${path}: ${answer.status}`)),
        (error: unknown) => void failed.push(`${path}: ${error}`),
      )
      .finally(() => underWay.delete(asked));
    underWay.add(asked);
    await sleep(Math.max(0, ((n + 1) * 1_000) / PER_SECOND - past));
  }
  await Promise.all(underWay);
  await watched.stop();
  agent.destroy();
  if (failed.length > 0) console.log(`Not as expected: ${[...new Set(failed)].slice(0, 10).join('; ')}`);
  const { looks } = watched;
  const half = (of: number) => times[of] ?? [];
  yield {
    what: 'a steady load',
    users: bench.size,
    of: {
      product: {
        minutes: durationMs / 60_000,
        requests: half(0).length + half(1).length,
        failed: failed.length,
        p95FirstHalf: quantile(half(0), 0.95),
        p95SecondHalf: quantile(half(1), 0.95),
        // The first 30 % are warm-up: code is compiled and pools fill.
        rssAfterWarmUpMb: within(looks, 'rss', 0.3, 0.45),
        rssAtEndMb: within(looks, 'rss', 0.85, 1),
        rssMostMb: most(looks, 'rss'),
        handlesAfterWarmUp: within(looks, 'handles', 0.3, 0.45),
        handlesAtEnd: within(looks, 'handles', 0.85, 1),
      },
    },
  };
}

/** Requests in a fixed rotation, so that each minute has the same mix. */
async function aDay(origin: string, size: number): Promise<(n: number) => Ask> {
  const { id: tenantId, slug } = await tenantOf(size);
  const { cookie, admin } = await signInAdmin(slug);
  const [address, token] = [await passwordAddresses(tenantId), await newScimTokens(tenantId)];
  const signIn = await formAt(`${origin}/sign-in`, '', 'email');
  const invitation = await formAt(`${origin}${USERS}/invite`, cookie, 'email');
  const run = Date.now().toString(36);
  const page = (path: string) => (): Ask => ({ path, sent: { headers: { cookie } }, status: 200 });
  const bySignIn = (): Ask => ({
    path: '/sign-in',
    sent: posted(signIn, { email: address(), password: PASSWORD }),
    status: 303,
  });
  const byInvitation = (n: number): Ask => ({
    path: `${USERS}/invite`,
    sent: posted(invitation, {
      email: `soak-${run}-${n}@example.com`,
      firstName: '',
      lastName: '',
      role: 'standard_user',
    }),
    status: 303,
  });
  const byProvider = (n: number): Ask => ({
    path: SCIM,
    sent: {
      method: 'POST',
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ userName: `scim-${run}-${n}@example.com`, active: true }),
    },
    status: 201,
  });
  const parts = [
    page(USERS),
    page(`${USERS}?sort=lastName`),
    bySignIn,
    page(`${USERS}/${admin.id}`),
    page(`${USERS}?q=smith`),
    page(LOG),
    byInvitation,
    page(`${USERS}?status=deactivated&sort=lastLogin&dir=desc`),
    page('/profile'),
    byProvider,
  ];
  return (n) => (parts[n % parts.length] ?? page(USERS))(n);
}
