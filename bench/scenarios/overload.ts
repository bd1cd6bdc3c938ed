import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, tenantOf } from '../bench';
import { type Answer, send } from '../forms';
import { measure, quantile } from '../measure';
import type { Row } from '../results';
import { signInAdmin } from '../sign-in';
import { USERS } from '../users-view';
import { most, watch, within } from '../watch';

/**
 * Sends four times as many requests per second as one process can answer, without waiting for responses. The excess must be
 * refused at once with a Retry-After, while health checks are answered and memory stays bounded. Right after the flood pages
 * must be as fast as before.
 */
const TIMES = 4;
const AT_ONCE = 16;
const TICK_MS = 20;
const HEALTH_EVERY_MS = 250;
/** The client's timeout, longer than the product lets any request wait. */
const PATIENCE_MS = 40_000;
const MOST_RECOVERY_MS = 60_000;
const HEALTH = ['/api/health/live', '/api/health/ready'];
const VIEWS = ['', '?sort=lastName', '?q=smith', '?status=deactivated', '?sort=lastLogin&dir=desc'];

/** Over keep-alive connections like a load balancer's, or with a new connection per request like many separate clients. */
export const overload = (bench: Bench) => flooded(bench, { keepAlive: true, minutes: 5 });
export const overloadAnew = (bench: Bench) => flooded(bench, { keepAlive: false, minutes: 1 });

type Flood = { keepAlive: boolean; minutes: number };
type Ended = { status: number; ms: number; retryAfter: boolean };

async function* flooded(bench: Bench, { keepAlive, minutes }: Flood): AsyncGenerator<Row> {
  const product = await bench.product();
  const { slug } = await tenantOf(bench.size);
  const { cookie } = await signInAdmin(slug);
  const page = { name: 'product', url: `${product.origin}${USERS}`, headers: { cookie }, probes: product.probes };
  const [calm] = await measure([page], { concurrency: 1, rounds: 3, requests: 40 });
  const [full] = await measure([page], { concurrency: AT_ONCE, rounds: 3, requests: 200 });
  if (!calm || !full) return;
  const perSecond = full.perSecond * TIMES;
  const durationMs = bench.quick ? 20_000 : minutes * 60_000;

  const memory = watch(product.probes, 1_000);
  // Health checks as a balancer sends them: on a kept connection, on new connections that queue with all other clients, and
  // on new connections to the separate health port.
  const probes = [
    ['health', askHealth(product.origin, true)],
    ['newHealth', askHealth(product.origin, false)],
    ['ownHealth', askHealth(product.health, false)],
  ] as const;
  const ask = (n: number) =>
    send(`${page.url}${VIEWS[n % VIEWS.length]}`, agent, { headers: { cookie }, ...patient() });
  const agent = new Agent({ keepAlive });
  const ended = await flood(ask, perSecond, durationMs);
  agent.destroy();
  const recoveryMs = await recovery(page, calm.p95 * 2);
  const probed: Record<string, number>[] = [];
  for (const [name, asking] of probes) probed.push(health(name, await asking.stop()));
  await memory.stop();

  const [served, refused] = [
    ended.filter(({ status }) => status === 200),
    ended.filter(({ status }) => status === 503),
  ];
  const share = (part: Ended[]) => part.length / ended.length;
  yield {
    what: `${TIMES} × what one process can do${keepAlive ? '' : ', each on a new connection'}`,
    users: bench.size,
    of: {
      product: {
        seconds: durationMs / 1_000,
        sustainablePerSecond: full.perSecond,
        askedPerSecond: ended.length / (durationMs / 1_000),
        servedPerSecond: served.length / (durationMs / 1_000),
        ...spread('served', served),
        refusedShare: share(refused),
        ...spread('refused', refused),
        refusedWithoutRetryAfter: refused.filter(({ retryAfter }) => !retryAfter).length,
        otherwise: ended.length - served.length - refused.length,
        ...Object.assign({}, ...probed),
        recoveryMs,
        rssFirstMinuteMb: within(memory.looks, 'rss', 0.1, 0.3),
        rssLastMinuteMb: within(memory.looks, 'rss', 0.8, 1),
        rssMostMb: most(memory.looks, 'rss'),
        handlesMost: most(memory.looks, 'handles'),
        handlesAfter: memory.looks.at(-1)?.handles ?? 0,
      },
    },
  };
}

const patient = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) });

const endOf = ({ status, ms, headers }: Answer): Ended => ({ status, ms, retryAfter: 'retry-after' in headers });
/** Status 0: no response. */
const none: Ended = { status: 0, ms: PATIENCE_MS, retryAfter: false };

async function flood(ask: (n: number) => Promise<Answer>, perSecond: number, durationMs: number): Promise<Ended[]> {
  const ended: Promise<Ended>[] = [];
  const began = performance.now();
  for (let past = 0; past < durationMs; past = performance.now() - began) {
    while (ended.length < (past / 1_000) * perSecond) ended.push(ask(ended.length).then(endOf, () => none));
    await sleep(TICK_MS);
  }
  return Promise.all(ended);
}

const spread = (name: string, ended: Ended[]) => {
  const times = ended.map(({ ms }) => ms);
  if (times.length === 0) return {};
  return { [`${name}P50`]: quantile(times, 0.5), [`${name}P95`]: quantile(times, 0.95) };
};

const health = (name: string, probes: Ended[]) => ({
  [`${name}Asked`]: probes.length,
  [`${name}Unanswered`]: probes.filter(({ status }) => status !== 200).length,
  ...spread(name, probes),
});

function askHealth(origin: string, keepAlive: boolean): { stop(): Promise<Ended[]> } {
  const answers: Promise<Ended>[] = [];
  const agent = keepAlive ? new Agent({ keepAlive, maxSockets: 1 }) : new Agent();
  const timer = setInterval(() => {
    const path = HEALTH[answers.length % HEALTH.length];
    answers.push(send(`${origin}${path}`, agent, patient()).then(endOf, () => none));
  }, HEALTH_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(answers);
    },
  };
}

/** Measures how long it takes until three pages in a row are as fast as before. */
async function recovery({ url, headers }: { url: string; headers: Record<string, string> }, asBefore: number) {
  const agent = new Agent();
  const began = performance.now();
  let good = 0;
  while (good < 3) {
    const { status, ms } = await send(url, agent, { headers, ...patient() });
    good = status === 200 && ms <= asBefore ? good + 1 : 0;
    if (performance.now() - began > MOST_RECOVERY_MS) throw new Error('It does not come back.');
  }
  return performance.now() - began;
}
