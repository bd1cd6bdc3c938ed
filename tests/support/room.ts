import { eq, sql } from 'drizzle-orm';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { passkeys } from '@/db/schema/factors';
import { sessions } from '@/db/schema/sessions';
import { type User, users } from '@/db/schema/users';
import { createApiKey } from '@/lib/api-keys/create';
import { encodeSessionCookie, sessionCookieName } from '@/lib/auth/cookie';
import { hashPassword } from '@/lib/crypto/password';
import { showInvitationLink } from '@/lib/invitations/handle';
import type { Tenant } from '@/lib/tenants/find';
import { newTenant, newUser, PASSWORD, signedIn } from './cast';
import type { Knows } from './hostile';
import { draftOf, unwrapped } from './jobs';
import { connect } from './saml-idp';
import { aGroup, newClient } from './scim';
import { withApp } from './second-factor';

/** A tenant with something of everything in it, and those who come to its doors. */
const SAMS = 'amber ladder thirty-four';
let samsHash: Promise<string> | undefined;

export type Room = Awaited<ReturnType<typeof newRoom>>;
export type Caller = { name: string; user: User | null; cookie: () => Promise<string | null>; knows: Knows };

/** With an id of each kind that the product knows. */
export async function furnish(tenant: Tenant, admin: User) {
  const { actor } = await signedIn(admin);
  const idp = await newClient(tenant, `${admin.firstName}’s provider`);
  const group = await idp.post('/Groups', aGroup(`${admin.firstName}’s group`));
  const key = unwrapped(await createApiKey(actor, { name: `${admin.firstName}’s key`, days: null }));
  const passkeyId = newId();
  await db.insert(passkeys).values({
    id: passkeyId,
    tenantId: tenant.id,
    userId: admin.id,
    name: 'Key',
    credentialId: passkeyId,
    publicKey: 'x',
    counter: 0,
    transports: [],
    backedUp: false,
    createdAt: new Date(),
  });
  return {
    admin,
    tenant,
    scimToken: idp,
    key,
    ids: {
      session: [actor.sessionId],
      job: [await draftOf(actor, `new@${tenant.slug}.example`)],
      key: [key.id],
      token: [idp.tokenId],
      group: [String(group.body.id)],
      passkey: [passkeyId],
      tenant: [tenant.id],
    },
  };
}

/** The tenant next door: of its people Mallory’s address and every id are known, and nothing else. */
export async function newElsewhere() {
  const tenant = await newTenant('Elsewhere');
  const mallory = await newUser(tenant, 'mallory', { role: 'tenant_admin' });
  const otto = await newUser(tenant, 'otto');
  const passwordHash = await hashPassword('known to nobody here');
  await db.update(users).set({ passwordHash }).where(eq(users.tenantId, tenant.id));
  const furnished = await furnish(tenant, mallory);
  const ids: Knows['ids'] = { ...furnished.ids, user: [mallory.id, otto.id] };
  return { ...furnished, ids, mallory, otto };
}

export async function newRoom(elsewhere: Awaited<ReturnType<typeof newElsewhere>>) {
  const acme = await newTenant('Acme');
  const ada = await newUser(acme, 'ada', { role: 'tenant_admin' });
  const grace = await newUser(acme, 'grace', { role: 'tenant_admin' });
  const sam = await newUser(acme, 'sam');
  const ivy = await newUser(acme, 'ivy', { status: 'invited' });
  const dan = await newUser(acme, 'dan', { status: 'deactivated' });
  samsHash ??= hashPassword(SAMS);
  await db
    .update(users)
    .set({ passwordHash: await samsHash })
    .where(eq(users.id, sam.id));
  const furnished = await furnish(acme, ada);
  await connect(acme, { jit: true });
  await withApp(grace);
  const shown = unwrapped(await showInvitationLink((await signedIn(ada)).actor, { userId: ivy.id }));
  const invitation = String(shown.url.split('/').pop());

  const [samsSession, adas] = [(await signedIn(sam)).actor.sessionId, furnished.ids];
  const here: Knows['ids'] = {
    ...adas,
    user: [sam.id, ivy.id, dan.id, grace.id, ada.id],
    session: [samsSession, ...adas.session],
  };
  const ids = Object.fromEntries(
    Object.entries(here).map(([kind, own]) => [kind, [...own, ...own, ...(elsewhere.ids[kind] ?? [])]]),
  );
  const common: Knows = {
    ids,
    emails: [ada.email, sam.email, elsewhere.mallory.email, `new@${acme.slug}.example`, ada.email.toUpperCase()],
    passwords: ['a wrong password', 'olive anchor seventy-eight'],
    tokens: ['x'.repeat(43), 'A'.repeat(200)],
  };
  const signedInAs = (user: User) => async () => `${sessionCookieName()}=${await cookieOf(user)}`;
  const callers: Caller[] = [
    { name: 'a stranger', user: null, cookie: async () => null, knows: common },
    { name: 'an admin whose second factor is not proven', user: grace, cookie: signedInAs(grace), knows: common },
    {
      name: 'a standard user',
      user: sam,
      cookie: signedInAs(sam),
      knows: { ...common, passwords: [SAMS, ...common.passwords] },
    },
    {
      name: 'an admin',
      user: ada,
      cookie: signedInAs(ada),
      knows: { ...common, passwords: [PASSWORD, ...common.passwords], tokens: [invitation, ...common.tokens] },
    },
  ];
  return { tenant: acme, ada, grace, sam, ivy, dan, furnished, elsewhere, callers };
}

let calls = 0;

/** Signed in anew; every third time long ago, so that a fresh proof is asked for. */
async function cookieOf(user: User): Promise<string> {
  const { actor, token } = await signedIn(user);
  if (calls++ % 3 === 0)
    await db
      .update(sessions)
      .set({ authenticatedAt: sql`now() - interval '1 hour'`, secondFactorAt: null })
      .where(eq(sessions.id, actor.sessionId));
  return encodeSessionCookie(token);
}
