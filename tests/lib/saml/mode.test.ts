import { and, eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { mails } from '@/db/schema/mails';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlConnections, samlDomains, samlLinks } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import { systemActor } from '@/lib/actor';
import { forgotPassword, sendPasswordReset } from '@/lib/auth/forgot-password';
import { resetPassword } from '@/lib/auth/reset-password';
import { signInByPassword } from '@/lib/auth/sign-in';
import { acceptInvitation } from '@/lib/invitations/accept';
import { showInvitationLink } from '@/lib/invitations/handle';
import { changeOptions, findConnection, importMetadata } from '@/lib/saml/connection';
import { setDomains, verifyDomain } from '@/lib/saml/domains';
import { deleteConnection, disable, enable, namedNow, requireSaml, stopRequiring } from '@/lib/saml/mode';
import { findSession } from '@/lib/sessions/find';
import { deactivate } from '@/lib/users/deactivate';
import { countAdmins } from '@/lib/users/last-admin';
import { changeRole } from '@/lib/users/role';
import { actorOf, aged, cast, FROM_TEST, operatorOf, PASSWORD, reread, signedIn } from '../../support/cast';
import { race, waitingForLocks } from '../../support/race';
import { newKeys } from '../../support/rsa-keys';
import { bare, connect, idpKeys, metadataOf } from '../../support/saml-idp';
import { endedSessions, trailOf } from '../../support/trail';

beforeEach(async () => {
  await db.delete(rateLimits);
});

async function connected() {
  const people = await cast();
  await connect(people.acme.tenant);
  await db
    .update(samlConnections)
    .set({ testedAt: new Date() })
    .where(eq(samlConnections.tenantId, people.acme.tenant.id));
  return { ...people, ada: await actorOf(people.acme.ada) };
}

const modeOf = async (tenantId: string) => (await db.select().from(tenants).where(eq(tenants.id, tenantId)))[0]?.saml;
const signInAs = (email: string, password = PASSWORD) => signInByPassword({ email, password }, FROM_TEST);

describe('requiring SAML', () => {
  test('asks for a test that passed within the hour, with the settings as they are', async () => {
    const { acme, ada } = await connected();
    const breakGlass = [acme.ada.id];
    await changeOptions(ada, { strict: false });
    expect(await requireSaml(ada, { breakGlass })).toEqual({ ok: false, refusal: 'test-needed' });
    const tested = (minutes: number) =>
      db
        .update(samlConnections)
        .set({ testedAt: new Date(Date.now() - minutes * 60_000) })
        .where(eq(samlConnections.tenantId, acme.tenant.id));
    await tested(61);
    expect(await requireSaml(ada, { breakGlass })).toEqual({ ok: false, refusal: 'test-needed' });
    await tested(59);
    expect(await requireSaml(ada, { breakGlass })).toMatchObject({ ok: true });
    await disable(ada);
    expect(await requireSaml(ada, { breakGlass })).toEqual({ ok: false, refusal: 'saml-off' });
  });

  test('ends the sessions that passwords opened, of everybody but break-glass admins, and tells of it', async () => {
    const { acme, ada } = await connected();
    await signedIn(acme.sam);
    await signedIn(acme.grace);
    const outcome = await requireSaml(ada, { breakGlass: [acme.ada.id] });
    expect(outcome).toMatchObject({ ok: true, value: { breakGlass: [acme.ada.email], sessionsEnded: 2 } });
    expect(await endedSessions(acme.sam)).toEqual(['saml-required']);
    expect(await endedSessions(acme.grace)).toEqual(['saml-required']);
    expect(await endedSessions(acme.ada)).toEqual([null]);
  });

  test('is refused where no admin who can sign in would remain, before anything is written', async () => {
    const { acme, ada } = await connected();
    expect(await requireSaml(ada, { breakGlass: [] })).toEqual({ ok: false, refusal: 'no-admin-left' });
    // A standard user, and an admin of another tenant, are no break-glass admins.
    const { globex } = await cast();
    for (const unfit of [[acme.sam.id], [acme.ada.id, globex.mallory.id]])
      expect(await requireSaml(ada, { breakGlass: unfit })).toEqual({ ok: false, refusal: 'break-glass-unfit' });
    expect(await modeOf(acme.tenant.id)).toBe('enabled');
    for (const admin of [globex.mallory, acme.ada]) expect(await reread(admin)).toMatchObject({ breakGlass: false });
  });

  test('is not lifted by a press that comes after SAML was switched off', async () => {
    for (let round = 0; round < 3; round++) {
      const { acme, ada } = await connected();
      await requireSaml(ada, { breakGlass: [acme.ada.id] });
      const grace = await actorOf(acme.ada);
      await race<unknown>([() => disable(ada), () => stopRequiring(grace)]);
      expect(await modeOf(acme.tenant.id)).toBe('off');
    }
  });

  test('puts nothing untested in force by which nobody could sign in to put it right', async () => {
    const { acme, ada } = await connected();
    await requireSaml(ada, { breakGlass: [acme.ada.id] });
    const change = { emailAttribute: 'nothing' };
    const metadata = { metadata: metadataOf([idpKeys.certificate]) };
    expect(await importMetadata(ada, metadata)).toMatchObject({ ok: true });
    expect(await changeOptions(ada, change)).toMatchObject({ ok: true });
    await db.update(users).set({ breakGlass: false, samlEnabled: true }).where(eq(users.id, acme.ada.id));
    // By the provider, which the change could shut out.
    const { sessionId } = ada;
    await db.update(sessions).set({ method: 'saml' }).where(eq(sessions.id, sessionId));
    const refused = { ok: false, refusal: 'no-way-back' };
    expect(await importMetadata(ada, metadata)).toEqual(refused);
    expect(await changeOptions(ada, { emailAttribute: null })).toEqual(refused);
    expect(await changeOptions(ada, { jit: true })).toMatchObject({ ok: true });
    expect(await changeOptions(operatorOf(acme.tenant), { emailAttribute: null })).toMatchObject({ ok: true });
  });

  test('counts an admin with a password only once the provider has signed them in, or may without asking', async () => {
    const { acme, ada } = await connected();
    const require = () => requireSaml(ada, { breakGlass: [] });
    const refused = { ok: false, refusal: 'no-admin-left' };
    // As SCIM takes somebody over who is here.
    await db.update(users).set({ samlEnabled: true }).where(eq(users.id, acme.grace.id));
    expect(await require()).toEqual(refused);
    const domain = acme.grace.email.split('@')[1] ?? '';
    await setDomains(ada, { domains: [domain] });
    expect(await require()).toEqual(refused);
    const link = {
      tenantId: acme.tenant.id,
      nameId: 'grace',
      userId: acme.grace.id,
      createdAt: new Date(),
      lastSeenAt: new Date(),
    };
    await db.insert(samlLinks).values({ ...link, idpEntityId: 'https://another.example' });
    expect(await require()).toEqual(refused);
    const idpEntityId = String((await findConnection(acme.tenant.id))?.idpEntityId);
    await db.insert(samlLinks).values({ ...link, idpEntityId });
    expect(await require()).toMatchObject({ ok: true });
    await stopRequiring(operatorOf(acme.tenant));
    await db.delete(samlLinks).where(eq(samlLinks.userId, acme.grace.id));
    await verifyDomain({ ...systemActor(acme.tenant.id), kind: 'cli' }, { domain });
    await db.update(samlConnections).set({ testedAt: new Date() }).where(eq(samlConnections.tenantId, acme.tenant.id));
    expect(await requireSaml(await actorOf(acme.grace), { breakGlass: [] })).toMatchObject({ ok: true });
  });

  test('passwords are refused with words after they are proven, never before', async () => {
    const { acme, ada } = await connected();
    await requireSaml(ada, { breakGlass: [acme.ada.id] });
    expect(await signInAs(acme.sam.email)).toEqual({ ok: false, refusal: 'saml-required' });
    expect((await trailOf(acme.sam))[0]).toMatchObject({
      action: 'user.sign-in-refused',
      details: { reason: 'saml-required' },
    });
    expect(await signInAs(acme.sam.email, 'a wrong password')).toEqual({ ok: false, refusal: 'wrong' });
    expect(await signInAs('nobody@nowhere.example')).toEqual({ ok: false, refusal: 'wrong' });
    expect(await signInAs(acme.ada.email)).toMatchObject({ ok: true });
    await stopRequiring(await actorOf(acme.ada));
    expect(await signInAs(acme.sam.email)).toMatchObject({ ok: true });
  });

  test('a break-glass admin who is an admin no more has no password that opens anything', async () => {
    const { acme, ada } = await connected();
    await requireSaml(ada, { breakGlass: [acme.ada.id, acme.grace.id] });
    await changeRole(ada, { userId: acme.grace.id, role: 'standard_user' });
    expect(await signInAs(acme.grace.email)).toEqual({ ok: false, refusal: 'saml-required' });
    // Nor is one of those again, without anybody having named them.
    await changeRole(ada, { userId: acme.grace.id, role: 'tenant_admin' });
    expect((await reread(acme.grace)).breakGlass).toBe(false);
  });

  test('and new metadata are by an admin who has proven just now who they are', async () => {
    const { acme, ada } = await connected();
    await aged(ada.sessionId);
    const metadata = metadataOf([bare(await newKeys())]);
    expect(await importMetadata(ada, { metadata })).toEqual({ ok: false, refusal: 'proof-needed' });
    expect(await importMetadata(operatorOf(acme.tenant), { metadata })).toMatchObject({ ok: true });
  });

  test('is not done over what another admin has named meanwhile', async () => {
    const { acme, ada } = await connected();
    await requireSaml(ada, { breakGlass: [acme.ada.id, acme.grace.id], seen: [] });
    const both = await namedNow(acme.tenant.id);
    await requireSaml(ada, { breakGlass: [acme.ada.id], seen: both });
    const late = { breakGlass: [acme.ada.id, acme.grace.id], seen: both };
    expect(await requireSaml(ada, late)).toEqual({ ok: false, refusal: 'settings-changed' });
    expect(await namedNow(acme.tenant.id)).toEqual([acme.ada.id]);
  });

  test('a sign-in by password that is under way leaves no live session', async () => {
    const { acme, ada } = await connected();
    const isSam = and(eq(users.tenantId, acme.tenant.id), eq(users.id, acme.sam.id));
    // Held up after it has read what the tenant requires.
    const { signing, requiring } = await db.transaction(async (tx) => {
      await tx.select().from(users).where(isSam).for('update');
      const signing = signInAs(acme.sam.email);
      await waitingForLocks(1);
      const requiring = requireSaml(ada, { breakGlass: [acme.ada.id] });
      await Promise.race([requiring, waitingForLocks(2)]);
      return { signing, requiring };
    });
    const signed = await signing;
    expect(signed).toMatchObject({ ok: true });
    expect(await requiring).toMatchObject({ ok: true });
    expect(await findSession(signed.ok && 'session' in signed.value ? signed.value.session.token : '')).toBeNull();
  });

  test('no reset is sent, an older one is refused, and an invitation is not accepted by password', async () => {
    const { acme, ada } = await connected();
    await sendPasswordReset(ada, { userId: acme.sam.id });
    const link = await showInvitationLink(ada, { userId: acme.ivy.id });
    await requireSaml(ada, { breakGlass: [acme.ada.id] });
    expect(await sendPasswordReset(await actorOf(acme.ada), { userId: acme.sam.id })).toEqual({
      ok: false,
      refusal: 'saml-required-of-them',
    });
    const before = await db.select().from(mails).where(eq(mails.userId, acme.sam.id));
    const asked = await forgotPassword({ email: acme.sam.email }, FROM_TEST);
    if (asked.ok) await asked.value.sent;
    expect(await db.select().from(mails).where(eq(mails.userId, acme.sam.id))).toHaveLength(before.length);
    const token = link.ok ? (link.value.url.split('/').at(-1) ?? '') : '';
    expect(
      await acceptInvitation(
        { token, firstName: 'I', lastName: 'V', password: 'violet tractor ninety-two' },
        FROM_TEST,
      ),
    ).toEqual({ ok: false, refusal: 'saml-required' });
    expect(await reread(acme.ivy)).toMatchObject({ status: 'invited' });
  });

  test('the reset link of somebody who must not use a password is refused after it is proven', async () => {
    const { acme, ada } = await connected();
    const { hashToken } = await import('@/lib/crypto/tokens');
    const { passwordResets } = await import('@/db/schema/password-resets');
    await sendPasswordReset(ada, { userId: acme.sam.id });
    await db
      .update(passwordResets)
      .set({ tokenHash: hashToken('known') })
      .where(eq(passwordResets.userId, acme.sam.id));
    await requireSaml(ada, { breakGlass: [acme.ada.id] });
    expect(await resetPassword({ token: 'known', password: 'violet tractor ninety-two' }, FROM_TEST)).toEqual({
      ok: false,
      refusal: 'saml-required',
    });
    expect((await reread(acme.sam)).passwordHash).toBe(acme.sam.passwordHash);
  });

  test('with the only break-glass admin deactivated at the same moment leaves an admin who can sign in', async () => {
    for (let round = 0; round < 6; round++) {
      const { acme, ada } = await connected();
      const grace = await actorOf(acme.grace);
      const outcomes = await race<{ ok: boolean }>([
        () => requireSaml(ada, { breakGlass: [acme.ada.id] }),
        () => deactivate(grace, { userId: acme.ada.id }),
      ]);
      expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(1);
      expect(await countAdmins(acme.tenant.id)).toBeGreaterThanOrEqual(1);
    }
  });
});

describe('switching it off', () => {
  test('ends what SAML opened, and is refused where nobody else could sign in', async () => {
    const { acme, ada } = await connected();
    for (const admin of [acme.ada, acme.grace])
      await db.update(users).set({ samlEnabled: true }).where(eq(users.id, admin.id));
    for (const admin of [acme.ada, acme.grace])
      await db.update(users).set({ passwordHash: null }).where(eq(users.id, admin.id));
    expect(await disable(ada)).toEqual({ ok: false, refusal: 'no-admin-left' });
    expect(await deleteConnection(ada)).toEqual({ ok: false, refusal: 'no-admin-left' });
    expect(await modeOf(acme.tenant.id)).toBe('enabled');
  });

  test('and a deactivation of the last admin with a password at the same moment: one of the two is refused', async () => {
    for (let round = 0; round < 6; round++) {
      const { acme, ada } = await connected();
      await db.update(users).set({ samlEnabled: true }).where(eq(users.id, acme.ada.id));
      await db.update(users).set({ passwordHash: null }).where(eq(users.id, acme.ada.id));
      const outcomes = await race<{ ok: boolean }>([
        () => disable(systemActor(acme.tenant.id)),
        () => deactivate(ada, { userId: acme.grace.id }),
      ]);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await countAdmins(acme.tenant.id)).toBe(1);
    }
  });

  test('deleting gives back what the provider managed', async () => {
    const { acme, ada } = await connected();
    await db
      .update(users)
      .set({ samlEnabled: true, profileManagedBy: 'saml', roleManagedBy: 'saml' })
      .where(eq(users.id, acme.sam.id));
    expect(await deleteConnection(ada)).toMatchObject({ ok: true });
    expect(await findConnection(acme.tenant.id)).toBeNull();
    expect(await reread(acme.sam)).toMatchObject({ samlEnabled: false, profileManagedBy: null, roleManagedBy: null });
    expect(await modeOf(acme.tenant.id)).toBe('off');
  });
});

describe('the connection', () => {
  test('to another provider ends the sessions that the one before opened, and new keys of the same end none', async () => {
    const { acme, ada } = await connected();
    const { actor } = await signedIn(acme.sam);
    await db.update(sessions).set({ method: 'saml' }).where(eq(sessions.id, actor.sessionId));
    await signedIn(acme.sam);
    const next = await newKeys();
    await importMetadata(ada, { metadata: metadataOf([bare(idpKeys), bare(next)]) });
    expect(await endedSessions(acme.sam)).toEqual([null, null]);
    await importMetadata(ada, { metadata: metadataOf([bare(next)], 'https://another.example') });
    expect((await endedSessions(acme.sam)).sort()).toEqual([null, 'saml-off'].sort());
  });

  test('is set up by an admin of its tenant alone, and leaves entries', async () => {
    const { acme, globex } = await cast();
    const metadata = metadataOf([bare(idpKeys)]);
    const sam = await actorOf(acme.sam);
    expect(await importMetadata(sam, { metadata })).toEqual({ ok: false, refusal: 'not-allowed' });
    expect(await enable(await actorOf(acme.ada))).toEqual({ ok: false, refusal: 'no-connection' });
    expect(await importMetadata(await actorOf(acme.ada), { metadata })).toMatchObject({ ok: true });
    expect(await findConnection(globex.tenant.id)).toBeNull();
    expect(await requireSaml(await actorOf(globex.mallory), { breakGlass: [] })).toEqual({
      ok: false,
      refusal: 'saml-off',
    });
  });

  test('takes new certificates and keeps its options; nothing that cannot be used is kept', async () => {
    const { acme, ada } = await connected();
    await changeOptions(ada, { jit: true });
    const next = await newKeys();
    await importMetadata(ada, { metadata: metadataOf([bare(idpKeys), bare(next)]) });
    expect(await findConnection(acme.tenant.id)).toMatchObject({
      jit: true,
      testedAt: null,
      certificates: [bare(idpKeys), bare(next)],
    });
    expect(await importMetadata(ada, { metadata: '<a/>' })).toEqual({ ok: false, refusal: 'metadata-unusable' });
  });
});

describe('a domain', () => {
  test('belongs to one tenant, and a verification takes it from whoever only claimed it', async () => {
    const { acme, globex } = await cast();
    const domain = `${acme.tenant.slug}.example`;
    const [ada, mallory] = [await actorOf(acme.ada), await actorOf(globex.mallory)];
    expect(await setDomains(mallory, { domains: [domain] })).toMatchObject({ ok: true });
    expect(await setDomains(ada, { domains: [domain] })).toEqual({ ok: false, refusal: 'domain-taken' });
    const operator = (tenantId: string) => ({ ...systemActor(tenantId), kind: 'cli' as const });
    expect(await verifyDomain(operator(acme.tenant.id), { domain })).toMatchObject({ ok: true });
    expect(await setDomains(mallory, { domains: [domain] })).toEqual({ ok: false, refusal: 'domain-taken' });
    expect(await verifyDomain(operator(globex.tenant.id), { domain })).toEqual({ ok: false, refusal: 'domain-taken' });
    expect(await setDomains(ada, { domains: ['gmail.com'] })).toEqual({ ok: false, refusal: 'domain-public' });
  });

  test('that another admin has added or taken meanwhile stays so', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    const [one, two, three] = ['one', 'two', 'three'].map((name) => `${name}.${acme.tenant.slug}.example`) as [
      string,
      string,
      string,
    ];
    await setDomains(ada, { domains: [one, two] });
    const shown = [one, two];
    await setDomains(ada, { domains: [one, three], shown });
    await setDomains(ada, { domains: [two], shown });
    const left = await db.select().from(samlDomains).where(eq(samlDomains.tenantId, acme.tenant.id));
    expect(left.map(({ domain }) => domain)).toEqual([three]);
    const entries = await db
      .select()
      .from(auditEntries)
      .where(and(eq(auditEntries.tenantId, acme.tenant.id), eq(auditEntries.action, 'saml.domains-changed')))
      .orderBy(auditEntries.id);
    expect(entries.at(-1)?.details).toEqual({ before: [one, three].sort(), after: [three] });
  });
});
