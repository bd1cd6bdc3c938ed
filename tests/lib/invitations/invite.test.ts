import { and, eq, isNull } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { acceptInvitation } from '@/lib/invitations/accept';
import { findOpenInvitation } from '@/lib/invitations/find-open';
import { resendInvitation, revokeInvitation, showInvitationLink } from '@/lib/invitations/handle';
import { invite } from '@/lib/invitations/invite';
import { MOST_AN_HOUR } from '@/lib/invitations/issue';
import { findSession } from '@/lib/sessions/find';
import { deactivate } from '@/lib/users/deactivate';
import { remove, restore } from '@/lib/users/remove';
import { actorOf, cast, FROM_TEST, PASSWORD, reread } from '../../support/cast';
import { race } from '../../support/race';
import { actionsOn, trailOf } from '../../support/trail';

const HOUR = 3_600_000;
const someone = (email: string, role: 'standard_user' | 'tenant_admin' = 'standard_user') => ({
  email,
  firstName: 'New',
  lastName: '',
  role,
});
const openOf = (userId: string) =>
  db
    .select()
    .from(invitations)
    .where(and(eq(invitations.userId, userId), isNull(invitations.revokedAt), isNull(invitations.acceptedAt)));

async function linkOf(actor: Awaited<ReturnType<typeof actorOf>>, userId: string): Promise<string> {
  const shown = await showInvitationLink(actor, { userId });
  if (!shown.ok) throw new Error(shown.refusal);
  return String(shown.value.url.split('/').pop());
}

const acceptance = (token: string) => ({ token, firstName: 'Ivy', lastName: 'Green', password: PASSWORD });

describe('an invitation', () => {
  test('makes an invited person, one open link for a day, and one mail that waits', async () => {
    const { acme } = await cast();
    const outcome = await invite(await actorOf(acme.ada), someone('New.Person@x.example', 'tenant_admin'));
    if (!outcome.ok) throw new Error(outcome.refusal);
    const { userId, expiresAt } = outcome.value;
    expect(await reread({ ...acme.sam, id: userId })).toMatchObject({
      email: 'New.Person@x.example',
      status: 'invited',
      role: 'tenant_admin',
      passwordHash: null,
    });
    expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(23.9 * HOUR);
    expect(await openOf(userId)).toHaveLength(1);
    expect(await db.select().from(mails).where(eq(mails.userId, userId))).toMatchObject([
      { status: 'queued', attempts: 0, toAddress: 'New.Person@x.example' },
    ]);
  });

  test('is valid for as long as the tenant says', async () => {
    const { acme } = await cast();
    await db.update(tenants).set({ invitationHours: 72 }).where(eq(tenants.id, acme.tenant.id));
    const outcome = await invite(await actorOf(acme.ada), someone('n@x.example'));
    expect(outcome.ok && outcome.value.expiresAt.getTime() - Date.now()).toBeGreaterThan(71.9 * HOUR);
  });

  test('keeps no link that whoever reads the tables could open', async () => {
    const { acme } = await cast();
    const token = await linkOf(await actorOf(acme.ada), acme.ivy.id);
    const rows = JSON.stringify([await db.select().from(invitations), await db.select().from(mails)]);
    expect(rows).not.toContain(token);
  });

  test('again is always legal: the same person, a new link, the old one dead', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const first = await linkOf(ada, acme.ivy.id);
    const outcome = await invite(ada, { ...someone(acme.ivy.email.toUpperCase(), 'tenant_admin'), firstName: '' });
    expect(outcome).toMatchObject({ ok: true, value: { userId: acme.ivy.id, again: true } });
    expect(await findOpenInvitation(first)).toBeNull();
    expect(await openOf(acme.ivy.id)).toHaveLength(1);
    expect(await reread(acme.ivy)).toMatchObject({ role: 'tenant_admin', firstName: 'Ivy' });
    const sent = await db.select().from(mails).where(eq(mails.userId, acme.ivy.id));
    expect(sent.map(({ status, contentSealed }) => [status, contentSealed === null])).toEqual([
      ['cancelled', true],
      ['queued', false],
    ]);
  });

  test('again changes what it names, with an entry of what was, and keeps what it does not', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await invite(ada, { ...someone(acme.ivy.email, 'tenant_admin'), firstName: 'Yvonne' });
    expect((await trailOf(acme.ivy)).slice(0, 3)).toMatchObject([
      { action: 'invitation.resent', details: { role: 'tenant_admin' } },
      { action: 'user.profile-changed', details: { before: { firstName: 'Ivy' }, after: { firstName: 'Yvonne' } } },
      { action: 'user.role-changed', details: { before: 'standard_user', after: 'tenant_admin' } },
    ]);
    await invite(ada, { email: acme.ivy.email, firstName: '', lastName: '', role: null });
    expect(await reread(acme.ivy)).toMatchObject({ role: 'tenant_admin', firstName: 'Yvonne', lastName: 'Acme' });
    expect((await actionsOn(acme.ivy)).slice(0, 2)).toEqual(['invitation.resent', 'invitation.resent']);
  });

  test('again leaves alone what the identity provider owns', async () => {
    const { acme } = await cast();
    const managed = { roleManagedBy: 'scim', profileManagedBy: 'scim' } as const;
    await db.update(users).set(managed).where(eq(users.id, acme.ivy.id));
    await invite(await actorOf(acme.ada), someone(acme.ivy.email, 'tenant_admin'));
    expect(await reread(acme.ivy)).toMatchObject({ role: 'standard_user', firstName: 'Ivy' });
  });

  test('without a role is of the role said for newcomers', async () => {
    const { acme } = await cast();
    const invitee = { ...someone('n@x.example'), role: null };
    const outcome = await invite(await actorOf(acme.ada), invitee, { newcomerRole: 'tenant_admin' });
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await reread({ ...acme.sam, id: outcome.value.userId })).toMatchObject({ role: 'tenant_admin' });
  });

  test('meant for somebody new leaves alone whom another has invited meanwhile', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const outcomes = await race([1, 2].map(() => () => invite(ada, someone('new@x.example'), { onlyNew: true })));
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([{ ok: false, refusal: 'invited-meanwhile' }]);
  });

  test('of a user, or of a deactivated one, is refused in words', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    expect(await invite(ada, someone(acme.sam.email.toUpperCase()))).toEqual({ ok: false, refusal: 'already-user' });
    expect(await invite(ada, someone(acme.dan.email))).toEqual({ ok: false, refusal: 'deactivated' });
  });

  test('may go to an address that another tenant knows', async () => {
    const { acme, globex } = await cast();
    expect(await invite(await actorOf(acme.ada), someone(globex.mallory.email))).toMatchObject({ ok: true });
  });

  test('by a standard user is refused', async () => {
    const { acme } = await cast();
    expect(await invite(await actorOf(acme.sam), someone('n@x.example'))).toEqual({
      ok: false,
      refusal: 'not-allowed',
    });
  });

  test('by two admins at the same moment makes one person with one open link', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme } = await cast();
      const [ada, grace] = [await actorOf(acme.ada), await actorOf(acme.grace)];
      const outcomes = await race([ada, grace, ada].map((actor) => () => invite(actor, someone('Twice@x.example'))));
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
      const people = await db
        .select()
        .from(users)
        .where(and(eq(users.tenantId, acme.tenant.id), eq(users.emailKey, 'twice@x.example')));
      expect(people).toHaveLength(1);
      expect(await openOf(String(people[0]?.id))).toHaveLength(1);
    }
  });
});

describe('handling an invitation', () => {
  test('resending gives a new link and a new expiry, also after the old one was revoked', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    expect(await revokeInvitation(ada, { userId: acme.ivy.id })).toMatchObject({ ok: true });
    expect(await showInvitationLink(ada, { userId: acme.ivy.id })).toEqual({
      ok: false,
      refusal: 'no-open-invitation',
    });
    expect(await revokeInvitation(ada, { userId: acme.ivy.id })).toEqual({ ok: false, refusal: 'no-open-invitation' });
    expect(await resendInvitation(ada, { userId: acme.ivy.id })).toMatchObject({ ok: true });
    expect(await findOpenInvitation(await linkOf(ada, acme.ivy.id))).toMatchObject({
      email: acme.ivy.email,
      tenantName: 'Acme',
      inviterName: 'Ada Acme',
    });
    expect((await actionsOn(acme.ivy)).slice(0, 3)).toEqual([
      'invitation.link-shown',
      'invitation.resent',
      'invitation.revoked',
    ]);
  });

  test('nobody’s mailbox is filled: of one person, ten go out within an hour', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const often = { ok: false, refusal: 'invited-often' };
    for (let n = 1; n < MOST_AN_HOUR; n++)
      expect(await resendInvitation(ada, { userId: acme.ivy.id })).toMatchObject({ ok: true });
    expect(await resendInvitation(ada, { userId: acme.ivy.id })).toEqual(often);
    expect(await invite(ada, { email: acme.ivy.email, firstName: '', lastName: '', role: null })).toEqual(often);
    expect(await openOf(acme.ivy.id)).toHaveLength(1);
    // Removed and invited anew they are the same mailbox.
    await remove(ada, { userId: acme.ivy.id });
    expect(await invite(ada, { email: acme.ivy.email, firstName: '', lastName: '', role: null })).toEqual(often);
    await restore(ada, { userId: acme.ivy.id });
    const hourAgo = new Date(Date.now() - 3_601_000);
    await db.update(invitations).set({ createdAt: hourAgo }).where(eq(invitations.userId, acme.ivy.id));
    expect(await resendInvitation(ada, { userId: acme.ivy.id })).toMatchObject({ ok: true });
  });

  test('is only for people who are invited', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    for (const deed of [resendInvitation, revokeInvitation, showInvitationLink]) {
      expect(await deed(ada, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'not-invited' });
    }
  });
});

describe('accepting', () => {
  test('activates the account with names and password, and signs in', async () => {
    const { acme } = await cast();
    const outcome = await acceptInvitation(acceptance(await linkOf(await actorOf(acme.ada), acme.ivy.id)), FROM_TEST);
    if (!outcome.ok) throw new Error(outcome.refusal);
    expect(await findSession(outcome.value.session.token)).toMatchObject({
      userId: acme.ivy.id,
      firstName: 'Ivy',
      lastName: 'Green',
    });
    expect(await reread(acme.ivy)).toMatchObject({ status: 'active', lastLoginMethod: 'password' });
    // It had not been handed over yet, and would bring a dead link.
    const sent = await db.select({ status: mails.status }).from(mails).where(eq(mails.userId, acme.ivy.id));
    expect(sent).toEqual([{ status: 'cancelled' }]);
    expect((await actionsOn(acme.ivy)).slice(0, 2)).toEqual(['user.signed-in', 'invitation.accepted']);
    expect((await trailOf(acme.ivy))[0]).toMatchObject({
      actorId: acme.ivy.id,
      sessionId: outcome.value.session.sessionId,
    });
  });

  test('looking at the link changes nothing', async () => {
    const { acme } = await cast();
    const token = await linkOf(await actorOf(acme.ada), acme.ivy.id);
    for (let i = 0; i < 3; i++) expect(await findOpenInvitation(token)).not.toBeNull();
    expect(await acceptInvitation(acceptance(token), FROM_TEST)).toMatchObject({ ok: true });
  });

  test('twice at the same moment signs in once', async () => {
    const { acme } = await cast();
    const token = await linkOf(await actorOf(acme.ada), acme.ivy.id);
    const outcomes = await race([1, 2, 3].map(() => () => acceptInvitation(acceptance(token), FROM_TEST)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([
      { ok: false, refusal: 'link-dead' },
      { ok: false, refusal: 'link-dead' },
    ]);
  });

  test('an unknown, used, revoked or expired link is refused alike', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const dead = { ok: false, refusal: 'link-dead' };
    expect(await acceptInvitation(acceptance('x'.repeat(43)), FROM_TEST)).toEqual(dead);
    const expired = await linkOf(ada, acme.ivy.id);
    await db
      .update(invitations)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(invitations.userId, acme.ivy.id));
    expect(await findOpenInvitation(expired)).toBeNull();
    expect(await acceptInvitation(acceptance(expired), FROM_TEST)).toEqual(dead);
    await resendInvitation(ada, { userId: acme.ivy.id });
    const used = await linkOf(ada, acme.ivy.id);
    await acceptInvitation(acceptance(used), FROM_TEST);
    expect(await acceptInvitation(acceptance(used), FROM_TEST)).toEqual(dead);
    await deactivate(ada, { userId: acme.ivy.id });
    expect(await acceptInvitation(acceptance(used), FROM_TEST)).toEqual(dead);
  });

  test('a password that is too easy is refused and the link stays good', async () => {
    const { acme } = await cast();
    const token = await linkOf(await actorOf(acme.ada), acme.ivy.id);
    const refusals = {
      short: 'password-short',
      passwordpassword: 'password-common',
      [`x ${acme.ivy.email}`]: 'password-personal',
    };
    for (const [password, refusal] of Object.entries(refusals)) {
      expect(await acceptInvitation({ ...acceptance(token), password }, FROM_TEST)).toEqual({ ok: false, refusal });
    }
    expect(await findOpenInvitation(token)).not.toBeNull();
  });
});
