import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { GET } from '@/app/api/metrics/route';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { jobs } from '@/db/schema/jobs';
import { transaction } from '@/db/transaction';
import { ruleFor } from '@/lib/auth/route-access';
import { signInByPassword } from '@/lib/auth/sign-in';
import { env } from '@/lib/env';
import { invite } from '@/lib/invitations/invite';
import { type Doing, during } from '@/lib/observe/doing';
import { metrics } from '@/lib/observe/metrics';
import { handleScim } from '@/lib/scim/door';
import { cast, FROM_TEST, operatorOf, PASSWORD, signedIn } from '../../support/cast';

const TOKEN = 'a token of the tests, which nobody knows'.replaceAll(' ', '-');

async function scrape(authorization?: string) {
  const headers = authorization ? { authorization } : undefined;
  return GET(new Request('http://rollcall.test/api/metrics', headers ? { headers } : {}));
}
async function figure(line: RegExp): Promise<number> {
  const text = await (await scrape(`Bearer ${TOKEN}`)).text();
  return Number(
    text
      .split('\n')
      .find((each) => line.test(each))
      ?.split(' ')
      .at(-1) ?? 0,
  );
}

describe('the figures for the operator', () => {
  test('are not there where no token is set, and open to nobody without it', async () => {
    expect((await scrape(`Bearer ${TOKEN}`)).status).toBe(404);
    env().METRICS_TOKEN = TOKEN;
    expect((await scrape()).status).toBe(401);
    expect((await scrape(`Bearer ${TOKEN}x`)).status).toBe(401);
    expect((await scrape('Bearer ')).status).toBe(401);
    const answer = await scrape(`Bearer ${TOKEN}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(ruleFor('/api/metrics')?.access).toBe('bearer');
  });

  test('count statements by kind, those that fail too', async () => {
    const told = async () => {
      const text = await metrics.registry.metrics();
      const count = (name: string) =>
        Number(new RegExp(`^${name}\\{operation="select"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
      return { all: count('rollcall_query_seconds_count'), failed: count('rollcall_query_failures_total') };
    };
    const before = await told();
    await db.execute(sql`select 1`);
    await db.execute(sql`select 1 / 0`).catch(() => {});
    const after = await told();
    expect([after.all - before.all, after.failed - before.failed]).toEqual([2, 1]);
  });

  test('tell how many wait for a connection', async () => {
    const size = env().DATABASE_POOL_SIZE;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const all = Array.from({ length: size + 3 }, () =>
      transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        await held;
      }),
    );
    // A scrape that asked the database would wait too, so the registry is asked.
    const text = await metrics.registry.metrics();
    release();
    await Promise.all(all);
    expect(text).toContain(`rollcall_database_pool_in_use{pool="primary"} ${size}\n`);
    expect(text).toContain('rollcall_database_pool_waiting{pool="primary"} 3\n');
    expect(await metrics.registry.metrics()).toContain('rollcall_database_pool_in_use{pool="primary"} 0\n');
  });

  test('count sign-ins by what came of them', async () => {
    const { acme } = await cast();
    const doing: Doing = {};
    await during(doing, () => signInByPassword({ email: acme.ada.email, password: PASSWORD }, FROM_TEST));
    expect(doing, 'and note for whom the request was').toEqual({ tenantId: acme.tenant.id, actorId: acme.ada.id });
    await signInByPassword({ email: acme.ada.email, password: 'wrong' }, FROM_TEST);
    expect(await figure(/sign_ins_total\{method="password",outcome="open"\}/)).toBe(1);
    expect(await figure(/sign_ins_total\{method="password",outcome="wrong"\}/)).toBe(1);
  });

  test('tell the outbox’s depth and age', async () => {
    const { acme } = await cast();
    const before = await figure(/^rollcall_mail_waiting\{status="queued"\}/);
    await invite(operatorOf(acme.tenant), {
      email: 'new@acme.example',
      firstName: '',
      lastName: '',
      role: 'standard_user',
    });
    expect((await figure(/^rollcall_mail_waiting\{status="queued"\}/)) - before).toBe(1);
    expect(await figure(/^rollcall_mail_oldest_seconds\{status="queued"\}/)).toBeGreaterThan(0);
  });

  test('tell how many jobs go on, and how late they are', async () => {
    const { acme } = await cast();
    const { actor } = await signedIn(acme.ada);
    await transaction((tx, now) =>
      tx.insert(jobs).values({
        ...{ id: newId(now), tenantId: acme.tenant.id, deed: 'sign-out', status: 'open', total: 1, createdAt: now },
        ...{ userId: actor.userId, sessionId: actor.sessionId, turnAt: new Date(now.getTime() - 60_000) },
      }),
    );
    expect(await figure(/^rollcall_jobs_open /)).toBe(1);
    expect(await figure(/^rollcall_jobs_late_seconds /)).toBeGreaterThanOrEqual(60);
    await db.delete(jobs);
  });

  test('grow by no series for what a stranger makes up', async () => {
    for (const path of ['Users/x', 'Users/y', 'Nonsense', 'More/Nonsense'])
      await handleScim(new Request(`http://rollcall.test/api/scim/v2/${path}`, { method: 'QUERY' }));
    const text = await metrics.registry.metrics();
    const series = text.split('\n').filter((line) => line.startsWith('rollcall_scim_request_seconds_count'));
    expect(series).toEqual([
      'rollcall_scim_request_seconds_count{operation="other Users",status="401"} 2',
      'rollcall_scim_request_seconds_count{operation="other other",status="401"} 2',
    ]);
  });
});
