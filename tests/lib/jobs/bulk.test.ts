import { and, eq, inArray } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { BULK_DEEDS } from '@/db/schema/jobs';
import { USER_STATUSES, users } from '@/db/schema/users';
import { ROLES } from '@/lib/actor';
import { createApiKey } from '@/lib/api-keys/create';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { type BulkDeed, findMany, foresee, touched } from '@/lib/bulk';
import { beginBulk } from '@/lib/jobs/begin-bulk';
import { foreseeMatching } from '@/lib/jobs/foresee';
import { work } from '@/lib/jobs/work';
import { deactivate } from '@/lib/users/deactivate';
import { countAdmins } from '@/lib/users/last-admin';
import type { UserFilters } from '@/lib/users/list';
import { actorOf, cast, newTenant, newUser, reread, signedIn } from '../../support/cast';
import { jobEntries, jobOf, outcomesOf, unwrapped, workOff } from '../../support/jobs';
import { race } from '../../support/race';
import { actionsOn } from '../../support/trail';

const begin = (actor: Awaited<ReturnType<typeof actorOf>>, deed: BulkDeed, seen: number, filters: UserFilters = {}) =>
  beginBulk(actor, { jobId: newId(), deed, filters, seen });

describe('what would become of everybody who matches', () => {
  /** Somebody of each kind that a predicate tells apart, two of each, and removed people who share an address. */
  async function everyKind() {
    const tenant = await newTenant();
    const ada = await newUser(tenant, 'ada', { role: 'tenant_admin' });
    const removed = [new Date(), new Date(Date.now() - 31 * 86_400_000)];
    const rows: (typeof users.$inferInsert)[] = [];
    for (const role of ROLES)
      for (const status of USER_STATUSES)
        for (const [mfaEnabled, samlEnabled, passwordHash] of [
          [true, false, 'x'],
          [false, true, null],
          [false, false, 'x'],
          [false, false, null],
        ] as const)
          for (const managed of [null, 'scim', 'saml'] as const)
            for (const removedAt of status === 'removed' ? removed : [null])
              for (const twin of ['a', 'b']) {
                const email =
                  status === 'removed' ? `r${rows.length % 7}@x.example` : `${rows.length}${twin}@x.example`;
                const id = newId();
                rows.push({
                  id,
                  tenantId: tenant.id,
                  email,
                  role,
                  status,
                  mfaEnabled,
                  samlEnabled,
                  passwordHash,
                  removedAt,
                  roleManagedBy: managed,
                  profileManagedBy: managed,
                });
              }
    rows.push({ id: newId(), tenantId: tenant.id, email: 'R3@x.example', role: 'standard_user', status: 'active' });
    await db.insert(users).values(rows);
    return { tenant, ada };
  }

  test.each(BULK_DEEDS)('%s: is counted in SQL as it is told of each', async (deed) => {
    const { tenant, ada } = await everyKind();
    const actor = await actorOf(ada);
    const now = new Date();
    for (const filters of [{}, { status: 'removed' }, { role: 'tenant_admin' }] as UserFilters[]) {
      const ids = await db
        .select({ id: users.id })
        .from(users)
        .where(
          and(
            eq(users.tenantId, tenant.id),
            filters.role && eq(users.role, filters.role),
            filters.status ? eq(users.status, 'removed') : inArray(users.status, ['active', 'invited', 'deactivated']),
          ),
        );
      const people = await findMany(
        tenant.id,
        ids.map(({ id }) => id),
      );
      const told = await foresee(actor, deed, people, { count: await countAdmins(tenant.id), saml: 'off' }, now);
      const refusals = told.flatMap(({ refusal }) => refusal ?? []);
      const counted = await foreseeMatching(actor, deed, filters, now);
      expect(counted.total).toBe(people.length);
      expect(counted.willBe).toBe(people.length - refusals.length);
      const byReason = [...new Set(refusals)].map((each) => [each, refusals.filter((other) => other === each).length]);
      expect(Object.fromEntries(counted.refused)).toEqual(Object.fromEntries(byReason));
    }
  });

  test.each(BULK_DEEDS)('%s: what ends with it is counted of those alone to whom it is done', async (deed) => {
    const { acme } = await cast();
    const { ada, grace, sam, ivy, dan } = acme;
    const actor = await actorOf(ada);
    for (const user of [sam, sam, grace]) await signedIn(user);
    await sendPasswordReset(actor, { userId: sam.id });
    await createApiKey(await actorOf(grace), { name: 'key', days: null });
    await db.update(users).set({ profileManagedBy: 'scim' }).where(eq(users.id, sam.id));
    const now = new Date();
    const people = await findMany(
      acme.tenant.id,
      [ada, grace, sam, ivy, dan].map(({ id }) => id),
    );
    const admins = { count: 2, saml: 'off' } as const;
    const told = await foresee(actor, deed, people, admins, now);
    const counted = await foreseeMatching(actor, deed, {}, now);
    expect(counted.touched).toEqual(await touched(acme.tenant.id, deed, told, admins, now));
  });

  test('one admin stays where who asks cannot sign in again', async () => {
    const { acme } = await cast();
    const actor = await actorOf(acme.ada);
    await db.update(users).set({ passwordHash: null }).where(eq(users.id, acme.ada.id));
    const { refused, touched: it } = await foreseeMatching(actor, 'deactivate', { role: 'tenant_admin' }, new Date());
    expect(Object.fromEntries(refused)).toEqual({ self: 1, 'last-admin': 1 });
    expect(it.adminsLeft).toBeNull();
    const { jobId } = unwrapped(await begin(actor, 'deactivate', 2, { role: 'tenant_admin' }));
    await workOff(jobId);
    expect(await outcomesOf(jobId)).toEqual({ ada: 'self', grace: 'last-admin' });
  });

  test('another tenant is not in it', async () => {
    const { globex } = await cast();
    expect(await foreseeMatching(await actorOf(globex.mallory), 'deactivate', {}, new Date())).toMatchObject({
      total: 2,
    });
  });
});

describe('a deed on everybody who matches', () => {
  test('is done to each by the rules of the command, with an entry each', async () => {
    const { acme } = await cast();
    const actor = await actorOf(acme.ada);
    await signedIn(acme.sam);
    const { jobId } = unwrapped(await begin(actor, 'deactivate', 5));
    await workOff(jobId);
    expect(await outcomesOf(jobId)).toEqual({
      ada: 'self',
      dan: 'not-active',
      grace: 'done',
      ivy: 'invited',
      sam: 'done',
    });
    expect(await jobOf(jobId)).toMatchObject({ status: 'finished', done: 2, refused: 3 });
    expect(await actionsOn(acme.sam)).toContain('user.deactivated');
    expect((await jobEntries(acme.tenant.id)).map(({ action }) => action)).toEqual(['job.begun', 'job.ended']);
  });

  const LEFT: [BulkDeed, string[]][] = [
    ['make-admin', []],
    ['make-standard', ['ada']],
    ['deactivate', ['ada', 'dan', 'ivy']],
    ['reactivate', ['ada', 'grace', 'ivy', 'sam']],
    ['sign-out', ['ada', 'dan', 'ivy']],
    ['ask-second-factor', ['dan', 'ivy']],
    ['resend-invitation', ['ada', 'dan', 'grace', 'sam']],
    ['remove', ['ada']],
    ['restore', ['ada', 'dan', 'grace', 'ivy', 'sam']],
  ];
  test.each(LEFT)('%s leaves alone whom the page would leave alone', async (deed, left) => {
    const { acme } = await cast();
    const { jobId } = unwrapped(await begin(await actorOf(acme.ada), deed, 5));
    await workOff(jobId);
    const outcomes = Object.entries(await outcomesOf(jobId));
    expect(outcomes.filter(([, outcome]) => outcome !== 'done').map(([name]) => name)).toEqual(left);
  });

  test('is done to those of the moment when it was confirmed', async () => {
    const { acme } = await cast();
    const { jobId } = unwrapped(await begin(await actorOf(acme.ada), 'remove', 1, { q: 'sam' }));
    const samantha = await newUser(acme.tenant, 'samantha');
    await workOff(jobId);
    expect(Object.keys(await outcomesOf(jobId))).toEqual(['sam']);
    expect(await reread(samantha)).toMatchObject({ status: 'active' });
  });

  test('is not begun when another number of people matches than was shown', async () => {
    const { acme } = await cast();
    const actor = await actorOf(acme.ada);
    expect(await begin(actor, 'deactivate', 4)).toEqual({ ok: false, refusal: 'list-changed' });
    expect(await begin(actor, 'deactivate', 0, { q: 'nobody' })).toEqual({ ok: false, refusal: 'list-changed' });
    expect(await work()).toBe(false);
    expect(await jobEntries(acme.tenant.id)).toEqual([]);
  });

  test('is one job, however often its page is confirmed', async () => {
    const { acme } = await cast();
    const actor = await actorOf(acme.ada);
    const input = { jobId: newId(), deed: 'resend-invitation' as const, filters: {}, seen: 5 };
    await race(Array.from({ length: 4 }, () => () => beginBulk(actor, input)));
    await workOff(input.jobId);
    expect((await actionsOn(acme.ivy)).filter((action) => action === 'invitation.resent')).toHaveLength(1);
    expect((await jobEntries(acme.tenant.id)).map(({ action }) => action)).toEqual(['job.begun', 'job.ended']);
  });

  test('keeps the last admin, when two take the role from each other at the same moment', async () => {
    for (let round = 0; round < 3; round++) {
      const { acme } = await cast();
      const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
      const jobs = [
        unwrapped(await begin(ada, 'make-standard', 1, { q: acme.grace.email })),
        unwrapped(await begin(grace, 'make-standard', 1, { q: acme.ada.email })),
      ];
      expect(
        await race(
          jobs.map(
            ({ jobId }) =>
              () =>
                workOff(jobId),
          ),
        ),
      ).toEqual([0, 0]);
      expect(await countAdmins(acme.tenant.id)).toBe(1);
    }
  });

  test('waits for nobody and lets others in between: a batch holds the tenant for a moment', async () => {
    const { acme } = await cast();
    const rows = Array.from({ length: 120 }, (_, i) => ({
      id: newId(),
      tenantId: acme.tenant.id,
      email: `b${i}@x.example`,
      role: 'standard_user' as const,
      status: 'active' as const,
      passwordHash: 'x',
    }));
    await db.insert(users).values(rows);
    const { jobId } = unwrapped(await begin(await actorOf(acme.ada), 'deactivate', 120, { q: 'x.example' }));
    await work(jobId);
    const { done, status } = await jobOf(jobId);
    expect([status, done > 0 && done <= 50]).toEqual(['open', true]);
    expect(await deactivate(await actorOf(acme.grace), { userId: acme.sam.id })).toMatchObject({ ok: true });
    await workOff(jobId);
    expect(await jobOf(jobId)).toMatchObject({ status: 'finished', done: 120 });
  });

  test('of which somebody was erased meanwhile says so', async () => {
    const { acme } = await cast();
    const { jobId } = unwrapped(await begin(await actorOf(acme.ada), 'deactivate', 1, { q: 'sam' }));
    await db.delete(users).where(eq(users.id, acme.sam.id));
    await workOff(jobId);
    expect(await outcomesOf(jobId)).toEqual({ sam: 'not-found' });
  });

  test('is not begun by somebody who is no admin, and no id of another tenant’s job is taken over', async () => {
    const { acme, globex } = await cast();
    expect(await begin(await actorOf(acme.sam), 'deactivate', 5)).toEqual({ ok: false, refusal: 'not-allowed' });
    const { jobId } = unwrapped(await begin(await actorOf(acme.ada), 'deactivate', 5));
    const mallory = await actorOf(globex.mallory);
    const outcome = await beginBulk(mallory, { jobId, deed: 'deactivate', filters: {}, seen: 2 });
    expect(outcome).toEqual({ ok: false, refusal: 'job-not-found' });
    await workOff(jobId);
    expect((await reread(globex.otto)).status).toBe('active');
  });
});
