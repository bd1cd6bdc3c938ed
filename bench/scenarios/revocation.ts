import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { encodeSessionCookie, sessionCookieName } from '@/lib/auth/cookie';
import { startSession } from '@/lib/sessions/start';
import { reactivate } from '@/lib/users/deactivate';
import { type Bench, tenantOf } from '../bench';
import { formAt, posted, type Sent, send } from '../forms';
import { quantile } from '../measure';
import type { Row } from '../results';
import { newScimTokens } from '../scim-tokens';
import { signInAdmin } from '../sign-in';
import { USERS } from '../users-view';

/**
 * Measures the time from an admin's click to the first refused request of the person's busy browser, with two processes of
 * the product on one database. Commands go to them in turn, and the browser keeps both busy. No request that starts after
 * the command's response may be served; a single one fails the scenario.
 */
const TABS = 2;
/** The time limit on slow machines: the results then cover the trials made so far. */
const MOST_MS = 4 * 60_000;
const FROM = { ip: '127.0.0.1', userAgent: 'bench' };
const SHARES = [5, 25, 50, 75, 95, 99];

type Deed = {
  name: string;
  victim: User;
  /** One click per process. */
  clicks: (() => { url: string; sent: Sent })[];
  answer: number;
  undo(): Promise<void>;
};
type Trial = { answered: number; refused: number; servedAfter: number; servedMeanwhile: number };

export async function* revocation(bench: Bench): AsyncGenerator<Row> {
  const origins = (await bench.both()).map(({ origin }) => origin);
  const { id: tenantId, slug } = await tenantOf(bench.size);
  const { cookie } = await signInAdmin(slug);
  const deeds = [...(await byForms(tenantId, origins, cookie)), await byScim(tenantId, origins)];
  const trials = new Map<Deed, Trial[]>(deeds.map((deed) => [deed, []]));
  const began = performance.now();
  for (let n = 0; n < (bench.quick ? 90 : 1_000) && performance.now() - began < MOST_MS; n++) {
    const deed = deeds[n % deeds.length];
    const click = deed?.clicks[Math.floor(n / deeds.length) % origins.length];
    if (!deed || !click) continue;
    trials.get(deed)?.push(await trial(deed, click, n, origins));
    await deed.undo();
  }
  const all = [...trials.values()].flat();
  const late = sum(all, ({ servedAfter }) => servedAfter);
  if (late > 0) throw new Error(`${late} requests were served that had been started after the deed was answered.`);
  for (const [{ name }, own] of trials) yield rowOf(name, own);
  yield rowOf('together', all);
}

/** The forms of the admin's pages, as a browser without scripts posts them. */
async function byForms(tenantId: string, origins: string[], cookie: string): Promise<Deed[]> {
  const victim = await someone(tenantId);
  const clicksOn = (page: string) =>
    Promise.all(
      origins.map(async (origin) => {
        const form = await formAt(`${origin}${USERS}/${victim.id}/${page}`, cookie, 'userId');
        return () => ({ url: form.url, sent: posted(form, {}) });
      }),
    );
  const operator = { kind: 'cli', tenantId, id: null, label: 'bench', origin: FROM } as const;
  const undo = async () => {
    const outcome = await reactivate(operator, { userId: victim.id });
    if (!outcome.ok) throw new Error(`The person cannot be brought back: ${outcome.refusal}`);
  };
  return [
    { name: 'force sign-out', victim, clicks: await clicksOn('sign-out'), answer: 303, undo: async () => {} },
    { name: 'deactivate', victim, clicks: await clicksOn('deactivate'), answer: 303, undo },
  ];
}

async function byScim(tenantId: string, origins: string[]): Promise<Deed> {
  const token = await newScimTokens(tenantId);
  const agent = new Agent();
  const request = (method: string, body: unknown): Sent => ({
    method,
    headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify(body),
  });
  const [here = ''] = origins;
  const userName = `revoked-${Date.now()}@example.com`;
  const made = await send(`${here}/api/scim/v2/Users`, agent, request('POST', { userName, active: true }));
  const { id } = JSON.parse(made.body.toString()) as { id: string };
  const [victim] = await db
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, id)));
  if (!victim) throw new Error(`SCIM answers ${made.status}: ${made.body}`);
  const patch = (active: boolean) =>
    request('PATCH', { Operations: [{ op: 'replace', path: 'active', value: active }] });
  const at = (origin: string) => `${origin}/api/scim/v2/Users/${id}`;
  return {
    name: 'active: false by SCIM',
    victim,
    clicks: origins.map((origin) => () => ({ url: at(origin), sent: patch(false) })),
    answer: 200,
    undo: async () => {
      const { status } = await send(at(here), agent, patch(true));
      if (status !== 200) throw new Error(`The person cannot be brought back: ${status}`);
    },
  };
}

async function trial(
  { victim, answer }: Deed,
  click: Deed['clicks'][number],
  n: number,
  origins: string[],
): Promise<Trial> {
  const { token } = await transaction((tx, now) => startSession(tx, now, victim, { method: 'password' }, FROM));
  const cookie = `${sessionCookieName()}=${await encodeSessionCookie(token)}`;
  const served: number[] = [];
  let refusedAt = Number.POSITIVE_INFINITY;
  /** One tab: sends the next request as soon as the last is answered, to the processes in turn, until one is refused. */
  const tab = async (first: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = first; ; turn++) {
      const started = performance.now();
      const { status, headers } = await send(`${origins[turn % origins.length]}/profile`, agent, {
        headers: { cookie },
      });
      if (status > 300 && headers.location?.includes('/sign-in')) break;
      if (status !== 200) throw new Error(`The browser is answered ${status}.`);
      served.push(started);
    }
    refusedAt = Math.min(refusedAt, performance.now());
    agent.destroy();
  };
  const tabs = Promise.all(Array.from({ length: TABS }, (_, i) => tab(i)));
  // Vary the moment of the click within the browser's work.
  await sleep(10 + ((n * 37) % 30));
  const agent = new Agent();
  const { url, sent } = click();
  const clicked = performance.now();
  const { status, body } = await send(url, agent, sent);
  const answered = performance.now();
  agent.destroy();
  if (status !== answer) throw new Error(`The deed is answered ${status}: ${body.toString().slice(0, 300)}`);
  await tabs;
  return {
    answered: answered - clicked,
    refused: refusedAt - clicked,
    servedAfter: served.filter((started) => started > answered).length,
    servedMeanwhile: served.filter((started) => started > clicked).length,
  };
}

const sum = <T>(all: T[], of: (each: T) => number) => all.reduce((total, each) => total + of(each), 0);

function rowOf(what: string, trials: Trial[]): Row {
  const [refused, answered] = [trials.map((each) => each.refused), trials.map((each) => each.answered)];
  const product = {
    trials: trials.length,
    servedAfter: sum(trials, (each) => each.servedAfter),
    servedMeanwhile: sum(trials, (each) => each.servedMeanwhile) / trials.length,
    answerP50: quantile(answered, 0.5),
    ...Object.fromEntries(SHARES.map((share) => [`p${share}`, quantile(refused, share / 100)])),
    max: Math.max(...refused),
  };
  return { what, users: null, of: { product } };
}

/** Somebody who signs in by password and is not managed by an identity provider. */
async function someone(tenantId: string): Promise<User> {
  const [found] = await db
    .select()
    .from(users)
    .where(
      and(
        eq(users.tenantId, tenantId),
        eq(users.role, 'standard_user'),
        eq(users.status, 'active'),
        eq(users.mfaEnabled, false),
        eq(users.samlEnabled, false),
      ),
    )
    .limit(1);
  if (!found) throw new Error('There is nobody to sign out.');
  return found;
}
