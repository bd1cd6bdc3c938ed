import { and, eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { GET as begins } from '@/app/api/saml/[tenant]/login/route';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import { passwordResets } from '@/db/schema/password-resets';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlDomains, samlLinks } from '@/db/schema/saml';
import { scimEmails } from '@/db/schema/scim';
import { tenants } from '@/db/schema/tenants';
import { type User, users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { asActor, systemActor } from '@/lib/actor';
import { forgotPassword, sendPasswordReset } from '@/lib/auth/forgot-password';
import { editOwnNames } from '@/lib/auth/own-account';
import { signInByPassword } from '@/lib/auth/sign-in';
import { startTotp } from '@/lib/mfa/enrol';
import { proveByCode } from '@/lib/mfa/prove';
import { arrive, readArrival } from '@/lib/saml/arrive';
import { bindingCookie } from '@/lib/saml/ask';
import type { Connection } from '@/lib/saml/connection';
import { foreseeMapping, readMapping, setMapping, versionOf } from '@/lib/saml/groups';
import { deleteConnection, disable, listPasswordAdmins, requireSaml, stopRequiring } from '@/lib/saml/mode';
import { unlinkIdentity } from '@/lib/saml/unlink';
import { findSession, type LiveSession } from '@/lib/sessions/find';
import type { Tenant } from '@/lib/tenants/find';
import { deactivate } from '@/lib/users/deactivate';
import { forgetDeparture, noteDeparture } from '@/lib/users/departures';
import { remove } from '@/lib/users/remove';
import { actorOf, cast, FROM_TEST, newUser, operatorOf, PASSWORD, reread, signedIn } from '../../support/cast';
import { race } from '../../support/race';
import { connect, handleIn, honest, IDP, lastExchange, post, type Said } from '../../support/saml-idp';
import { aUser, newClient } from '../../support/scim';
import { codeOf, withApp } from '../../support/second-factor';
import { actionsOn, endedSessions, trailOf } from '../../support/trail';

beforeEach(async () => {
  await db.delete(rateLimits);
});

type By = { tenant: Tenant; connection: Connection };

/** The whole way: the answer by the ACS, and the deed in the browser that had asked. */
async function arriveAs(by: By, said: Partial<Said>, previous: LiveSession | null = null) {
  const { xml, requestId } = honest({ ...by, ...said });
  const response = await post(by.tenant, xml);
  expect(response.status).toBe(303);
  const { name, value } = bindingCookie(String(requestId), '/');
  const cookies = { get: (asked: string) => (asked === name ? { value } : undefined) };
  return (await arrive(handleIn(response), cookies, FROM_TEST, previous)).value;
}

const sessionOf = async (arrived: Awaited<ReturnType<typeof arriveAs>>) => {
  if (!('session' in arrived)) throw new Error(arrived.refused);
  return findSession(arrived.session.token);
};

const as = (user: User, more: Partial<Said> = {}): Partial<Said> => ({
  email: user.email,
  attributes: { email: user.email, firstName: user.firstName, lastName: user.lastName },
  ...more,
});

async function connected(options: Parameters<typeof connect>[1] = {}) {
  const people = await cast();
  return { ...people, by: { tenant: people.acme.tenant, connection: await connect(people.acme.tenant, options) } };
}

const findByEmail = async (tenant: Tenant, email: string) =>
  (
    await db
      .select()
      .from(users)
      .where(and(eq(users.tenantId, tenant.id), eq(users.emailKey, email.toLowerCase())))
  )[0];

describe('somebody known', () => {
  test('is connected by the address once, without regard to letter case, and signed in by SAML', async () => {
    const { acme, by } = await connected();
    const session = await sessionOf(
      await arriveAs(by, {
        ...as(acme.sam),
        nameId: 'the-id-of-sam',
        attributes: { email: acme.sam.email.toUpperCase(), firstName: 'Samuel', lastName: 'Acme' },
      }),
    );
    expect(session).toMatchObject({ userId: acme.sam.id, method: 'saml', standing: 'open' });
    expect(await reread(acme.sam)).toMatchObject({
      samlEnabled: true,
      firstName: 'Samuel',
      email: acme.sam.email,
      profileManagedBy: 'saml',
      lastLoginMethod: 'saml',
    });
    expect(await actionsOn(acme.sam)).toEqual(
      expect.arrayContaining(['user.signed-in', 'saml.linked', 'user.profile-changed']),
    );
    expect(await lastExchange(acme.tenant)).toMatchObject({ outcome: 'done' });
  });

  test('is found by the link afterwards, whatever the address says, and the address follows', async () => {
    const { acme, by } = await connected();
    await arriveAs(by, as(acme.sam, { nameId: 'the-id-of-sam' }));
    const moved = `moved@${acme.tenant.slug}.example`;
    await sessionOf(
      await arriveAs(by, { nameId: 'the-id-of-sam', attributes: { email: moved, firstName: 'Sam', lastName: 'Acme' } }),
    );
    expect(await reread(acme.sam)).toMatchObject({ email: moved });
    // An address that is somebody else's here is not taken from them.
    await sessionOf(
      await arriveAs(by, {
        nameId: 'the-id-of-sam',
        attributes: { email: acme.grace.email, firstName: 'Sam', lastName: 'Acme' },
      }),
    );
    expect(await reread(acme.sam)).toMatchObject({ email: moved });
  });

  test('cannot be taken by a second NameID of the same provider', async () => {
    const { acme, by } = await connected({ jit: true });
    await arriveAs(by, as(acme.sam, { nameId: 'the-id-of-sam' }));
    expect(await arriveAs(by, as(acme.sam, { nameId: 'mallory' }))).toMatchObject({ refused: 'linked-otherwise' });
  });

  test('is connected anew after an admin has disconnected them, and signed out until then', async () => {
    const { acme, by } = await connected();
    const session = await sessionOf(await arriveAs(by, as(acme.sam, { nameId: 'old' })));
    expect(await unlinkIdentity(await actorOf(acme.ada), { userId: acme.sam.id })).toMatchObject({
      ok: true,
      value: { sessionsEnded: 1 },
    });
    expect(await endedSessions(acme.sam)).toEqual(['saml-off']);
    expect(await sessionOf(await arriveAs(by, as(acme.sam, { nameId: 'new' })))).toMatchObject({
      userId: session?.userId,
    });
    expect(await unlinkIdentity(await actorOf(acme.ada), { userId: acme.grace.id })).toEqual({
      ok: false,
      refusal: 'no-link',
    });
  });

  test('keeps names and address that SCIM owns', async () => {
    const { acme, by } = await connected();
    await db.update(users).set({ profileManagedBy: 'scim', roleManagedBy: 'scim' }).where(eq(users.id, acme.sam.id));
    await sessionOf(
      await arriveAs(
        by,
        as(acme.sam, { attributes: { email: acme.sam.email, firstName: 'Other', lastName: 'Other' } }),
      ),
    );
    expect(await reread(acme.sam)).toMatchObject({ firstName: 'Sam', samlEnabled: true, profileManagedBy: 'scim' });
  });

  test('by the provider is as freshly proven as the provider says, and no more', async () => {
    const { acme, by } = await connected();
    const hoursAgo = new Date(Date.now() - 3 * 3_600_000);
    const session = await sessionOf(await arriveAs(by, as(acme.sam, { authnInstant: hoursAgo })));
    expect(Math.abs(Number(session?.authenticatedAt) - hoursAgo.getTime())).toBeLessThan(1000);
    const soon = new Date(Date.now() + 30_000);
    const ahead = await sessionOf(await arriveAs(by, as(acme.sam, { authnInstant: soon })));
    expect(Number(ahead?.authenticatedAt)).toBeLessThanOrEqual(Date.now());
  });

  test('as somebody else is signed in in this browser, they press the button themself', async () => {
    const { acme, globex, by } = await connected();
    const { xml, requestId } = honest({ ...by, ...as(acme.sam) });
    const handle = handleIn(await post(by.tenant, xml));
    const { name, value } = bindingCookie(String(requestId), '/');
    const cookies = { get: (asked: string) => (asked === name ? { value } : undefined) };
    const shown = async (user: User | null) => {
      const previous = user && (await findSession((await signedIn(user)).token));
      const read = await readArrival(by.tenant.slug, handle, cookies, previous);
      return read.ok ? { asks: read.value.asks, leaves: read.value.leaves?.email ?? null } : null;
    };
    expect(await shown(null)).toEqual({ asks: false, leaves: null });
    expect(await shown(acme.sam)).toEqual({ asks: false, leaves: null });
    expect(await shown(acme.grace)).toEqual({ asks: true, leaves: acme.grace.email });
    expect(await shown(globex.mallory)).toEqual({ asks: true, leaves: globex.mallory.email });
  });

  test('who is not sent on by a page of another site: the tenant’s own comes first', async () => {
    const { by } = await connected();
    const begin = (site: string) =>
      begins(
        new Request(`http://rollcall.test/api/saml/${by.tenant.slug}/login?next=/profile`, {
          headers: { 'sec-fetch-site': site, 'x-forwarded-for': '198.51.100.4' },
        }),
        { params: Promise.resolve({ tenant: by.tenant.slug }) },
      );
    const sent = await begin('cross-site');
    expect([sent.status, sent.headers.get('location')]).toEqual([
      303,
      `/sign-in/${by.tenant.slug}?next=${encodeURIComponent('/profile')}`,
    ]);
    expect(sent.headers.get('set-cookie')).toBeNull();
    for (const site of ['same-origin', 'none'])
      expect((await begin(site)).headers.get('location')).toContain('SAMLRequest=');
  });

  test('of another tenant is not reached, though the address is theirs', async () => {
    const { globex, by } = await connected({ jit: true });
    const session = await sessionOf(await arriveAs(by, as(globex.otto)));
    expect(session?.userId).not.toBe(globex.otto.id);
    expect(session?.tenantId).toBe(by.tenant.id);
    expect(await reread(globex.otto)).toEqual(globex.otto);
  });
});

describe('whom SCIM knows by another name', () => {
  const provisioned = async (tenant: Tenant, more: Partial<User> = {}) => {
    const lee = await newUser(tenant, 'lee', { password: false });
    await db
      .update(users)
      .set({ scimUserName: 'lee@corp.onmicrosoft.example', samlEnabled: true, profileManagedBy: 'scim', ...more })
      .where(eq(users.id, lee.id));
    await db
      .insert(scimEmails)
      .values({ tenantId: tenant.id, userId: lee.id, position: 0, value: 'Lee@Other.example', type: 'other' });
    return lee;
  };
  const named = (email: string): Partial<Said> => ({
    email,
    attributes: { email, firstName: 'Lee', lastName: 'Corp' },
  });

  test('is that person, and nobody new', async () => {
    const { acme, by } = await connected({ jit: true });
    const lee = await provisioned(acme.tenant);
    expect((await sessionOf(await arriveAs(by, named('LEE@corp.onmicrosoft.example'))))?.userId).toBe(lee.id);
  });

  test('is not whoever has another of their addresses: it may be an assistant’s, or anybody’s', async () => {
    const { acme, by } = await connected({ jit: true });
    const lee = await provisioned(acme.tenant, { role: 'tenant_admin' });
    const other = await sessionOf(await arriveAs(by, named('lee@other.example')));
    expect(other).toMatchObject({ role: 'standard_user', email: 'lee@other.example' });
    expect(other?.userId).not.toBe(lee.id);
  });

  test('stays away when SCIM has deactivated or deleted them', async () => {
    const { acme, by } = await connected({ jit: true });
    const lee = await provisioned(acme.tenant, { status: 'deactivated' });
    for (const name of ['lee@corp.onmicrosoft.example', 'lee@other.example'])
      expect(await arriveAs(by, named(name))).toMatchObject({ refused: 'deactivated' });
    await db.update(users).set({ status: 'removed', removedAt: new Date() }).where(eq(users.id, lee.id));
    expect(await arriveAs(by, named('lee@other.example'))).toMatchObject({ refused: 'removed' });
    await transaction((tx, now) => noteDeparture(tx, now, acme.tenant.id, ['kim-at-idp']));
    expect(await arriveAs(by, { ...named('kim@other.example'), nameId: 'kim-at-idp' })).toMatchObject({
      refused: 'deprovisioned',
    });
  });
});

describe('an address that goes to somebody else', () => {
  const moves = (name: string) => [
    { op: 'Replace', path: 'userName', value: `${name}@idp.example` },
    { op: 'Replace', path: 'emails[type eq "work"].value', value: `${name}@idp.example` },
  ];
  const said = (name: string, more: Partial<Said> = {}) => ({
    nameId: `${name}@idp.example`,
    attributes: { email: `${name}@idp.example`, firstName: name, lastName: 'X' },
    ...more,
  });

  test('signs in whoever has it now, and who had it is found by the new one', async () => {
    const { acme, by } = await connected();
    const idp = await newClient(acme.tenant);
    const jane = await idp.post('/Users', aUser('jane.doe'));
    const arrives = async (name: string) => (await sessionOf(await arriveAs(by, said(name))))?.userId;
    expect(await arrives('jane.doe')).toBe(jane.body.id);
    await idp.patch(`/Users/${jane.body.id}`, moves('jane.roe'));
    expect(await arrives('jane.roe')).toBe(jane.body.id);
    const janet = await idp.post('/Users', aUser('jane.doe'));
    expect(await arrives('jane.doe')).toBe(janet.body.id);
    expect(await arrives('jane.roe')).toBe(jane.body.id);
  });

  test('does so too where the link by it was kept', async () => {
    const { acme, by } = await connected();
    await arriveAs(by, as(acme.sam, { nameId: acme.sam.email }));
    await db
      .update(users)
      .set({ email: `moved@${acme.tenant.slug}.example`, profileManagedBy: null })
      .where(eq(users.id, acme.sam.id));
    const next = await newUser(acme.tenant, 'sam');
    expect((await sessionOf(await arriveAs(by, as(acme.sam, { nameId: acme.sam.email }))))?.userId).toBe(next.id);
  });

  test('takes no link with it that is no address', async () => {
    const { acme, by } = await connected();
    const idp = await newClient(acme.tenant);
    const jane = await idp.post('/Users', aUser('jane.doe'));
    await arriveAs(by, said('jane.doe', { nameId: 'the-id-of-jane' }));
    await idp.patch(`/Users/${jane.body.id}`, moves('jane.roe'));
    const session = await sessionOf(await arriveAs(by, said('jane.roe', { nameId: 'the-id-of-jane' })));
    expect(session?.userId).toBe(jane.body.id);
  });
});

describe('an admin with a password', () => {
  test('is not connected on the provider’s word alone', async () => {
    const { acme, by } = await connected({ jit: true });
    expect(await arriveAs(by, as(acme.ada))).toMatchObject({ refused: 'admin-unconfirmed' });
    expect(await db.select().from(samlLinks).where(eq(samlLinks.userId, acme.ada.id))).toEqual([]);
    expect((await trailOf(acme.ada))[0]).toMatchObject({
      action: 'saml.sign-in-refused',
      details: { reason: 'admin-unconfirmed' },
    });
  });

  test('is, when this browser is signed in to the account by a password proven just now', async () => {
    const { acme, by } = await connected();
    const others = await findSession((await signedIn(acme.grace)).token);
    expect(await arriveAs(by, as(acme.ada), others)).toMatchObject({ refused: 'admin-unconfirmed' });
    const own = await findSession((await signedIn(acme.ada)).token);
    const old = own && { ...own, authenticatedAt: new Date(Date.now() - 11 * 60_000) };
    expect(await arriveAs(by, as(acme.ada), old)).toMatchObject({ refused: 'admin-unconfirmed' });
    expect(await sessionOf(await arriveAs(by, as(acme.ada), own))).toMatchObject({ userId: acme.ada.id });
    expect(await endedSessions(acme.ada)).toContain('replaced');
  });

  test('is, when the operator has verified the domain', async () => {
    const { acme, by } = await connected();
    await db
      .insert(samlDomains)
      .values({ domain: `${acme.tenant.slug}.example`, tenantId: acme.tenant.id, createdAt: new Date() });
    expect(await arriveAs(by, as(acme.ada))).toMatchObject({ refused: 'admin-unconfirmed' });
    await db.update(samlDomains).set({ verifiedAt: new Date() });
    expect(await sessionOf(await arriveAs(by, as(acme.ada)))).toMatchObject({ userId: acme.ada.id });
    await db.delete(samlDomains);
  });
});

describe('an admin with a password, where SAML is required', () => {
  const signIn = (user: User) => signInByPassword({ email: user.email, password: PASSWORD }, FROM_TEST);

  /** Ada is the break-glass admin; Grace is the provider's to sign in, and not connected. */
  async function required(before?: (grace: User) => Promise<void>) {
    const people = await connected();
    const { tenant, ada, grace } = people.acme;
    await before?.(grace);
    await db.update(users).set({ breakGlass: true }).where(eq(users.id, ada.id));
    await db.update(users).set({ samlEnabled: true }).where(eq(users.id, grace.id));
    await db.update(tenants).set({ saml: 'required' }).where(eq(tenants.id, tenant.id));
    return people;
  }

  async function resetsAfterAsking(user: User): Promise<number> {
    const asked = await forgotPassword({ email: user.email }, FROM_TEST);
    if (asked.ok) await asked.value.sent;
    return db.$count(passwordResets, eq(passwordResets.userId, user.id));
  }

  async function byPassword(user: User): Promise<LiveSession> {
    const outcome = await signIn(user);
    const live = outcome.ok && 'session' in outcome.value ? await findSession(outcome.value.session.token) : null;
    if (!live) throw new Error(JSON.stringify(outcome));
    return live;
  }

  test('is connected with the provider by it once, and by nothing else; then it opens nothing any more', async () => {
    const { acme, by } = await required();
    expect(await arriveAs(by, as(acme.grace))).toMatchObject({ refused: 'admin-unconfirmed' });
    const proven = await byPassword(acme.grace);
    expect(proven.standing).toBe('connect');
    expect((await reread(acme.grace)).lastLoginAt).toBeNull();
    expect(await sessionOf(await arriveAs(by, as(acme.grace), proven))).toMatchObject({
      userId: acme.grace.id,
      standing: 'open',
    });
    expect(await signIn(acme.grace)).toEqual({ ok: false, refusal: 'saml-required' });
  });

  test('does nothing in a session that only waits for the provider', async () => {
    const { acme } = await required();
    const { sessionId } = await byPassword(acme.grace);
    const grace = asActor(acme.grace, sessionId, FROM_TEST);
    expect(await deactivate(grace, { userId: acme.sam.id })).toEqual({ ok: false, refusal: 'not-allowed' });
    expect(await editOwnNames(grace, { firstName: 'G', lastName: 'A' })).toEqual({ ok: false, refusal: 'signed-out' });
    expect(await startTotp(grace)).toEqual({ ok: false, refusal: 'signed-out' });
    expect((await reread(acme.sam)).status).toBe('active');
  });

  test('is signed in by nobody else’s deed while they wait for the provider', async () => {
    const { acme } = await required();
    const first = await signIn(acme.grace);
    const token = first.ok && 'session' in first.value ? first.value.session.token : '';
    expect(await findSession(token)).toMatchObject({ standing: 'connect' });
    await stopRequiring(operatorOf(acme.tenant));
    expect(await findSession(token)).toBeNull();
  });

  test.each([
    ['SAML is disabled', (tenant: Tenant) => disable(operatorOf(tenant))],
    ['the connection is deleted', (tenant: Tenant) => deleteConnection(operatorOf(tenant))],
    [
      'they are named a break-glass admin',
      async (tenant: Tenant) => {
        const admins = await listPasswordAdmins(tenant.id);
        return requireSaml(operatorOf(tenant), { breakGlass: admins.map(({ id }) => id) });
      },
    ],
  ])('is signed in by nobody else’s deed: not when %s', async (_, deed) => {
    const { acme } = await required();
    const first = await signIn(acme.grace);
    const token = first.ok && 'session' in first.value ? first.value.session.token : '';
    expect(await findSession(token)).toMatchObject({ standing: 'connect' });
    expect(await deed(acme.tenant)).toMatchObject({ ok: true });
    expect(await findSession(token)).toBeNull();
  });

  test('is sent a link to set it anew by another admin too, while it is needed', async () => {
    const { acme, by } = await required();
    const ada = await actorOf(acme.ada);
    expect(await sendPasswordReset(ada, { userId: acme.grace.id })).toMatchObject({ ok: true });
    await sessionOf(await arriveAs(by, as(acme.grace), await byPassword(acme.grace)));
    expect(await sendPasswordReset(ada, { userId: acme.grace.id })).toEqual({
      ok: false,
      refusal: 'saml-required-of-them',
    });
  });

  test('proves the second factor first', async () => {
    let secret = '';
    const { acme } = await required(async (grace) => {
      secret = (await withApp(grace)).secret;
    });
    const { sessionId, standing } = await byPassword(acme.grace);
    expect(standing).toBe('challenge');
    const proven = await proveByCode(asActor(acme.grace, sessionId, FROM_TEST), { code: await codeOf(secret) });
    expect(proven.ok && proven.value.session.standing).toBe('connect');
    expect((await reread(acme.grace)).lastLoginAt).toBeNull();
  });

  test('whose link was removed comes back by it, and sets a forgotten one anew', async () => {
    const { acme, by } = await required();
    await sessionOf(await arriveAs(by, as(acme.grace), await byPassword(acme.grace)));
    expect(await resetsAfterAsking(acme.grace)).toBe(0);
    await unlinkIdentity(operatorOf(acme.tenant), { userId: acme.grace.id });
    expect(await resetsAfterAsking(acme.grace)).toBe(1);
    await sessionOf(await arriveAs(by, as(acme.grace), await byPassword(acme.grace)));
  });

  test('is refused it where the provider needs none, and so is everybody who is no admin', async () => {
    const { acme } = await required();
    expect(await signIn(acme.sam)).toEqual({ ok: false, refusal: 'saml-required' });
    const domain = `${acme.tenant.slug}.example`;
    const at = new Date();
    await db.insert(samlDomains).values({ domain, tenantId: acme.tenant.id, createdAt: at, verifiedAt: at });
    expect(await signIn(acme.grace)).toEqual({ ok: false, refusal: 'saml-required' });
    await db.delete(samlDomains).where(eq(samlDomains.domain, domain));
  });

  test('who is made one no more while a password’s session is open is led to the provider', async () => {
    const { acme } = await required();
    const { token } = await signedIn(acme.ada);
    expect(await findSession(token)).toMatchObject({ standing: 'open' });
    await db.update(users).set({ breakGlass: false }).where(eq(users.id, acme.ada.id));
    expect(await findSession(token)).toMatchObject({ standing: 'connect' });
  });
});

describe('somebody invited', () => {
  test('accepts the invitation by it, with its role', async () => {
    const { acme, by } = await connected();
    await db.update(users).set({ role: 'tenant_admin' }).where(eq(users.id, acme.ivy.id));
    expect(await sessionOf(await arriveAs(by, as(acme.ivy)))).toMatchObject({
      userId: acme.ivy.id,
      role: 'tenant_admin',
    });
    expect(await reread(acme.ivy)).toMatchObject({ status: 'active', mfa: 'not_applicable' });
    expect(await actionsOn(acme.ivy)).toContain('invitation.accepted');
    const ofKind = and(eq(mails.userId, acme.ivy.id), eq(mails.kind, 'invitation'));
    expect(await db.select({ status: mails.status }).from(mails).where(ofKind)).toEqual([{ status: 'cancelled' }]);
  });

  test('with an invitation that is over is refused, or is a Standard User just in time', async () => {
    for (const jit of [false, true]) {
      const { acme, by } = await connected({ jit });
      await db.update(users).set({ role: 'tenant_admin' }).where(eq(users.id, acme.ivy.id));
      await db
        .update(invitations)
        .set({ expiresAt: new Date(Date.now() - 1000) })
        .where(eq(invitations.userId, acme.ivy.id));
      const arrived = await arriveAs(by, as(acme.ivy));
      if (jit) expect(await sessionOf(arrived)).toMatchObject({ userId: acme.ivy.id, role: 'standard_user' });
      else expect(arrived).toMatchObject({ refused: 'invitation-over' });
    }
  });
});

describe('somebody unknown', () => {
  test('is refused, or becomes a Standard User just in time', async () => {
    const off = await connected();
    expect(await arriveAs(off.by, {})).toMatchObject({ refused: 'no-account' });
    const on = await connected({ jit: true });
    const session = await sessionOf(await arriveAs(on.by, { nameId: 'x' }));
    expect(session).toMatchObject({ role: 'standard_user', tenantId: on.by.tenant.id });
    expect(await findByEmail(on.by.tenant, session?.email ?? '')).toMatchObject({
      samlEnabled: true,
      profileManagedBy: 'saml',
      mfa: 'not_applicable',
    });
  });

  test('at the same moment in two browsers is one person', async () => {
    for (let round = 0; round < 4; round++) {
      const { by } = await connected({ jit: true });
      const sessions = await Promise.all(
        (await race([1, 2, 3].map(() => () => arriveAs(by, { nameId: 'same' })))).map(sessionOf),
      );
      expect(new Set(sessions.map((session) => session?.userId)).size).toBe(1);
    }
  });
});

describe('somebody whose access has ended', () => {
  test('is refused and told so, by link and by address, also where people are made just in time', async () => {
    for (const end of [deactivate, remove]) {
      const { acme, by } = await connected({ jit: true });
      await arriveAs(by, as(acme.sam, { nameId: 'sam' }));
      await end(await actorOf(acme.ada), { userId: acme.sam.id });
      const reason = end === remove ? 'removed' : 'deactivated';
      expect(await arriveAs(by, as(acme.sam, { nameId: 'sam' }))).toMatchObject({
        refused: reason,
        tenantId: acme.tenant.id,
      });
      expect(await arriveAs(by, as(acme.sam, { nameId: 'another' }))).toMatchObject({ refused: reason });
      expect((await trailOf(acme.sam))[0]).toMatchObject({ action: 'saml.sign-in-refused', details: { reason } });
      expect(await lastExchange(acme.tenant)).toMatchObject({ outcome: 'refused', reason });
    }
  });

  test('loses a race with the deactivation', async () => {
    for (let round = 0; round < 4; round++) {
      const { acme, by } = await connected();
      await arriveAs(by, as(acme.sam, { nameId: 'sam' }));
      const ada = await actorOf(acme.ada);
      const [arrived] = await race<unknown>([
        () => arriveAs(by, as(acme.sam, { nameId: 'sam' })),
        () => deactivate(ada, { userId: acme.sam.id }),
      ]);
      const { session } = arrived as { session?: { token: string } };
      expect(session ? await findSession(session.token) : null).toBeNull();
    }
  });

  test('is nobody any more where the connection was switched off meanwhile', async () => {
    for (let round = 0; round < 4; round++) {
      const { acme, by } = await connected();
      await arriveAs(by, as(acme.sam, { nameId: 'sam' }));
      const [arrived] = await race<unknown>([
        () => arriveAs(by, as(acme.sam, { nameId: 'sam' })).catch(() => ({})),
        () => disable(systemActor(acme.tenant.id)),
      ]);
      const { session } = arrived as { session?: { token: string } };
      expect(session ? await findSession(session.token) : null).toBeNull();
    }
  });
});

describe('groups', () => {
  const inGroups = (user: User, ...groups: string[]) =>
    as(user, { attributes: { email: user.email, firstName: user.firstName, lastName: user.lastName, groups } });

  async function mapped() {
    const seen = await connected();
    const mapping = { groupAttribute: 'groups', adminGroups: ['admins'] };
    await setMapping(await actorOf(seen.acme.ada), { mapping });
    return seen;
  }

  test('make a Tenant Admin and unmake one, and the role is then changed there', async () => {
    const { acme, by } = await mapped();
    await arriveAs(by, inGroups(acme.sam, 'staff', 'admins'));
    expect(await reread(acme.sam)).toMatchObject({ role: 'tenant_admin', roleManagedBy: 'saml' });
    await arriveAs(by, inGroups(acme.sam, 'Admins'));
    expect(await reread(acme.sam)).toMatchObject({ role: 'standard_user', roleManagedBy: 'saml' });
  });

  test('that are too many for the provider to send leave the role as it is', async () => {
    const { acme, by } = await mapped();
    await arriveAs(by, inGroups(acme.sam, 'admins'));
    const asked = { 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example/getMemberObjects' };
    const said = as(acme.sam);
    await sessionOf(await arriveAs(by, { ...said, attributes: { ...said.attributes, ...asked } }));
    expect(await reread(acme.sam)).toMatchObject({ role: 'tenant_admin', roleManagedBy: 'saml' });
    expect((await lastExchange(acme.tenant))?.report).toMatchObject({ claims: { groups: null, tooManyGroups: true } });
    await arriveAs(by, said);
    expect(await reread(acme.sam)).toMatchObject({ role: 'standard_user' });
  });

  test('never unmake the last Tenant Admin who can sign in, and that is recorded', async () => {
    const { acme, by } = await mapped();
    await arriveAs(by, inGroups(acme.sam, 'admins'));
    for (const admin of [acme.ada, acme.grace])
      await db.update(users).set({ role: 'standard_user' }).where(eq(users.id, admin.id));
    await sessionOf(await arriveAs(by, inGroups(acme.sam)));
    expect(await reread(acme.sam)).toMatchObject({ role: 'tenant_admin' });
    expect(await actionsOn(acme.sam)).toContain('user.role-kept');
  });

  test('of two admins who lose it at the same moment one stays', async () => {
    for (let round = 0; round < 5; round++) {
      const { acme, by } = await mapped();
      const two = [acme.sam, await newUser(acme.tenant, 'tom')];
      for (const each of two) await arriveAs(by, inGroups(each, 'admins'));
      for (const admin of [acme.ada, acme.grace])
        await db.update(users).set({ role: 'standard_user' }).where(eq(users.id, admin.id));
      await race(two.map((each) => () => arriveAs(by, inGroups(each))));
      const roles = await Promise.all(two.map(async (each) => (await reread(each)).role));
      expect(roles.sort()).toEqual(['standard_user', 'tenant_admin']);
    }
  });

  test('are tried dry by what was sent last', async () => {
    const { acme, by } = await mapped();
    await arriveAs(by, inGroups(acme.sam, 'staff'));
    expect(await foreseeMapping(acme.tenant.id, { groupAttribute: 'groups', adminGroups: ['staff'] })).toEqual({
      up: [acme.sam.email],
      down: [],
      refused: 0,
      unchanged: 0,
      unknown: 0,
    });
    await arriveAs(by, inGroups(acme.sam, 'admins'));
    for (const admin of [acme.ada, acme.grace])
      await db.update(users).set({ role: 'standard_user' }).where(eq(users.id, admin.id));
    expect(await foreseeMapping(acme.tenant.id, { groupAttribute: 'groups', adminGroups: [] })).toMatchObject({
      down: [acme.sam.email],
      refused: 1,
    });
  });

  test('when they are mapped no more, roles stay and are changed here again', async () => {
    const { acme, by } = await mapped();
    await arriveAs(by, inGroups(acme.sam, 'admins'));
    const ada = await actorOf(acme.ada);
    const before = await readMapping(acme.tenant.id);
    await setMapping(ada, { mapping: null, seen: versionOf(before) });
    expect(await setMapping(ada, { mapping: before, seen: versionOf(before) })).toEqual({
      ok: false,
      refusal: 'settings-changed',
    });
    expect(await reread(acme.sam)).toMatchObject({ role: 'tenant_admin', roleManagedBy: null });
  });
});

test('a session ends when the provider says that its own does', async () => {
  const { acme, by } = await connected();
  const until = new Date(Date.now() + 600_000);
  const arrived = await arriveAs(by, as(acme.sam, { sessionNotOnOrAfter: until }));
  if (!('session' in arrived)) throw new Error('refused');
  expect(await findSession(arrived.session.token)).not.toBeNull();
  expect(await findSession(arrived.session.token, new Date(until.getTime() + 1000))).toBeNull();
});

test('people are keyed by provider and subject', async () => {
  const { acme, by } = await connected();
  await arriveAs(by, as(acme.sam, { nameId: 'sam' }));
  expect(await db.select().from(samlLinks).where(eq(samlLinks.userId, acme.sam.id))).toMatchObject([
    { idpEntityId: IDP, nameId: 'sam' },
  ]);
  await db.update(samlLinks).set({ idpEntityId: 'https://old.example' }).where(eq(samlLinks.userId, acme.sam.id));
  expect(await arriveAs(by, { nameId: 'sam', email: `nobody@${acme.tenant.slug}.example` })).toMatchObject({
    refused: 'no-account',
  });
});

test('whom SCIM has deleted does not come back by signing in, until it creates them again', async () => {
  const { acme, by } = await connected({ jit: true });
  const email = `zoe@${acme.tenant.slug}.example`;
  const said = { email, attributes: { email, firstName: 'Zoe', lastName: 'Z' } };
  await transaction((tx, now) => noteDeparture(tx, now, acme.tenant.id, [email.toUpperCase()]));
  expect(await arriveAs(by, said)).toMatchObject({ refused: 'deprovisioned' });
  await transaction((tx) => forgetDeparture(tx, acme.tenant.id, [email]));
  expect(await sessionOf(await arriveAs(by, said))).toMatchObject({ email });
});
