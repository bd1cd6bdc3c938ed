import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import type { SecuritySettings } from '@/lib/audit/catalogue';
import { checkBatch } from '@/lib/invitations/check-batch';
import { resendInvitation } from '@/lib/invitations/handle';
import { invite } from '@/lib/invitations/invite';
import { findSession } from '@/lib/sessions/find';
import { findTenant } from '@/lib/tenants/find';
import { mayInviteTo, readDomain } from '@/lib/tenants/invitation-domains';
import { changeSecuritySettings, foreseeSettings, settingsOf, versionOf } from '@/lib/users/security-settings';
import { actorOf, cast, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { withApp } from '../../support/second-factor';

const refusal = (name: string) => ({ ok: false, refusal: name });

async function change(actor: Awaited<ReturnType<typeof actorOf>>, wanted: Partial<SecuritySettings>) {
  const before = settingsOf(await findTenant(actor.tenantId));
  return changeSecuritySettings(actor, { settings: { ...before, ...wanted }, seen: versionOf(before) });
}

/** As if the session had been begun, and used last, so many hours ago. */
const age = (sessionId: string, begun: number, used: number) =>
  db
    .update(sessions)
    .set({
      createdAt: sql`now() - make_interval(hours => ${begun})`,
      lastSeenAt: sql`now() - make_interval(hours => ${used})`,
    })
    .where(eq(sessions.id, sessionId));

describe('the settings of a tenant', () => {
  test('say before whom a required second factor would meet', async () => {
    const { acme } = await cast();
    await withApp(acme.grace);
    const tenant = await findTenant(acme.tenant.id);
    const wanted = { ...settingsOf(tenant), mfaRequired: true };
    expect(await foreseeSettings(tenant, wanted)).toMatchObject({
      enrolling: 2,
      enrollingAdmins: 1,
      examples: [acme.ada.email, acme.sam.email],
    });
    expect(await foreseeSettings(tenant, settingsOf(tenant))).toMatchObject({ enrolling: 0, sessionsEnding: 0 });
  });

  test('end the sessions that the new limits do not allow, as was said before, and raised again bring none back', async () => {
    const { acme, globex } = await cast();
    const [old, idle, fresh, theirs] = await Promise.all(
      [acme.sam, acme.grace, acme.sam, globex.otto].map((person) => signedIn(person)),
    );
    const ada = await actorOf(acme.ada);
    await age(String(old?.actor.sessionId), 30, 0);
    await age(String(idle?.actor.sessionId), 9, 9);
    await age(String(theirs?.actor.sessionId), 30, 9);
    const wanted = { sessionIdleHours: 8, sessionAbsoluteHours: 24 };
    const tenant = await findTenant(acme.tenant.id);
    const foreseen = await foreseeSettings(tenant, { ...settingsOf(tenant), ...wanted });
    expect(foreseen.sessionsEnding).toBe(2);
    expect([foreseen.endsSession(ada.sessionId), foreseen.endsSession(String(old?.actor.sessionId))]).toEqual([
      false,
      true,
    ]);
    expect(await change(ada, wanted)).toMatchObject({ ok: true, value: { sessionsEnded: 2 } });
    await change(ada, { sessionIdleHours: 100, sessionAbsoluteHours: 100 });
    const alive = await Promise.all([old, idle, fresh, theirs].map((it) => findSession(String(it?.token))));
    expect(alive.map((session) => session !== null)).toEqual([false, false, true, true]);
  });

  test('are not changed over what another admin has saved meanwhile', async () => {
    const { acme } = await cast();
    const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
    const seen = versionOf(settingsOf(await findTenant(acme.tenant.id)));
    const settings = settingsOf(await findTenant(acme.tenant.id));
    const outcomes = await race([
      () => changeSecuritySettings(ada, { settings: { ...settings, invitationHours: 1 }, seen }),
      () => changeSecuritySettings(grace, { settings: { ...settings, invitationHours: 2 }, seen }),
    ]);
    expect(outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.refusal)).sort()).toEqual([
      'done',
      'settings-changed',
    ]);
  });

  test('are one tenant’s, and an admin’s to change', async () => {
    const { acme, globex } = await cast();
    await change(await actorOf(acme.ada), { mfaRequired: true });
    expect((await findTenant(globex.tenant.id)).mfaRequiredSince).toBeNull();
    expect(await change(await actorOf(acme.sam), { mfaRequired: false })).toEqual(refusal('not-allowed'));
  });

  test('that require a second factor no more sign nobody in who was still to set one up', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await change(ada, { mfaRequired: true });
    const { token } = await signedIn(acme.sam);
    expect(await findSession(token)).toMatchObject({ standing: 'enrolment' });
    await change(ada, { mfaRequired: false });
    expect(await findSession(token)).toBeNull();
  });

  test('keep the day since when a second factor is required, while it is', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await change(ada, { mfaRequired: true });
    const { mfaRequiredSince } = await findTenant(acme.tenant.id);
    await change(ada, { invitationHours: 5 });
    expect((await findTenant(acme.tenant.id)).mfaRequiredSince).toEqual(mfaRequiredSince);
    await change(ada, { mfaRequired: false });
    expect((await findTenant(acme.tenant.id)).mfaRequiredSince).toBeNull();
  });
});

describe('the domains that invitations may go to', () => {
  test('bind the invitation, its renewal and the verdict on a batch, letter case aside', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await change(ada, { invitationDomains: ['example.com'] });
    const person = { firstName: '', lastName: '', role: 'standard_user' as const };
    expect(await invite(ada, { ...person, email: 'new@evil.example' })).toEqual(refusal('domain-not-allowed'));
    expect(await invite(ada, { ...person, email: 'new@sub.example.com' })).toEqual(refusal('domain-not-allowed'));
    expect(await invite(ada, { ...person, email: 'new@EXAMPLE.com' })).toMatchObject({ ok: true });
    expect(await resendInvitation(ada, { userId: acme.ivy.id })).toEqual(refusal('domain-not-allowed'));
    const row = { line: 1, email: 'x@evil.example', firstName: '', lastName: '', role: null, unknownRole: null };
    expect(await checkBatch(acme.tenant.id, [row])).toMatchObject([{ verdict: 'domain-not-allowed', can: 'no' }]);
  });

  test.each([
    ['@Example.COM ', 'example.com'],
    ['exämple.com', 'xn--exmple-cua.com'],
    ['example', null],
    ['exa mple.com', null],
    ['-x.com', null],
    ['1.2.3.4', null],
    ['', null],
  ])('are read as domains: “%s”', (typed, domain) => {
    expect(readDomain(typed)).toBe(domain);
  });

  test('mean any where there are none', () => {
    expect(mayInviteTo({ invitationDomains: [] }, 'a@b.example')).toBe(true);
    expect(mayInviteTo({ invitationDomains: ['xn--exmple-cua.com'] }, 'a@exämple.com')).toBe(true);
  });
});

test('the limits stay within what a cookie can last', async () => {
  const { acme } = await cast();
  await expect(
    db.update(tenants).set({ sessionAbsoluteHours: 721 }).where(eq(tenants.id, acme.tenant.id)),
  ).rejects.toThrow();
});
