import { and, eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { NextRequest } from 'next/server';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseView } from '@/app/administration/access/users/search-params';
import { UsersTable } from '@/app/administration/access/users/users-table';
import { USERS_PATH } from '@/app/administration/access/users/view';
import { db } from '@/db/client';
import { auditHeads } from '@/db/schema/audit';
import { invitations } from '@/db/schema/invitations';
import { tenants } from '@/db/schema/tenants';
import { users } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { encodeSessionCookie, sessionCookieName } from '@/lib/auth/cookie';
import { sendPasswordReset } from '@/lib/auth/forgot-password';
import { resendInvitation, revokeInvitation } from '@/lib/invitations/handle';
import { invite } from '@/lib/invitations/invite';
import { findSession } from '@/lib/sessions/find';
import { inPassage, type Passage } from '@/lib/sessions/passage';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { editProfile } from '@/lib/users/profile';
import { remove, restore } from '@/lib/users/remove';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { proxy } from '@/proxy';
import { actorOf, cast, signedIn } from '../../support/cast';

vi.mock('next/navigation', async (real) => ({ ...(await real<object>()), useRouter: () => ({}) }));

type Ask = { query?: string; tag?: string | undefined; cookies?: string; method?: string; build?: string | null };

/** Asks the gate as the server in front does; where it lets the request pass, the page answers. */
async function ask(
  token: string,
  { query = '', tag, cookies = 'tz=UTC', method = 'GET', build = 'build 1' }: Ask = {},
) {
  const passage: Passage = { build, begun: performance.now() };
  const headers = new Headers({ cookie: `${sessionCookieName()}=${await encodeSessionCookie(token)}; ${cookies}` });
  if (tag) headers.set('if-none-match', tag);
  return inPassage(passage, async () => {
    const answer = await proxy(new NextRequest(`http://rollcall.test${USERS_PATH}${query}`, { method, headers }));
    if (answer.headers.get('x-middleware-next') !== '1')
      return { status: answer.status, headers: answer.headers, body: await answer.text(), tag: undefined };
    const session = await findSession(token);
    const view = parseView(Object.fromEntries(new URLSearchParams(query)));
    const list = UsersTable({ tenantId: String(session?.tenantId), view, now: new Date(), timeZone: 'UTC' });
    const body = renderToStaticMarkup(await list);
    const said = passage.stands === undefined ? undefined : passage.tagUntil?.(passage.stands);
    return { status: 200, headers: answer.headers, body, tag: said };
  });
}

async function room() {
  const people = await cast();
  const ada = await signedIn(people.acme.ada);
  return { ...people, ada, tag: (await ask(ada.token)).tag };
}

const changesOf = async ({ id }: { id: string }) =>
  (await db.select({ n: auditHeads.listChanges }).from(auditHeads).where(eq(auditHeads.tenantId, id)))[0]?.n ?? 0;

describe('a list that the browser has kept', () => {
  test('is not sent again while nothing has changed', async () => {
    const { ada, tag } = await room();
    expect(tag).toMatch(/^W\/"[\w-]+"$/);
    for (const given of [tag, `"other", ${tag}`]) {
      const again = await ask(ada.token, { tag: given });
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', tag]);
      expect(again.headers.get('cache-control')).toBe('private, no-cache');
      expect(again.headers.get('vary')).toBe('Cookie');
      expect(again.headers.has('content-security-policy'), 'the kept page keeps its own policy').toBe(false);
    }
  });

  test('is sent anew when somebody on it was changed, to whom nothing else has changed', async () => {
    const { acme, ada, tag } = await room();
    const { id: userId, email, lastName } = acme.sam;
    await editProfile(await actorOf(acme.ada), { userId, email, firstName: 'Samuel', lastName });
    const again = await ask(ada.token, { tag });
    expect([again.status, again.body.includes('Samuel')]).toEqual([200, true]);
  });

  test('is nobody else’s: not of another admin, another session or another tenant', async () => {
    const { acme, globex, tag } = await room();
    for (const other of [acme.grace, acme.ada, globex.mallory]) {
      const { token } = await signedIn(other);
      expect((await ask(token, { tag })).status).toBe(200);
    }
  });

  test('is refused to an ended session, and to somebody who is no admin any more', async () => {
    const { acme, ada, tag } = await room();
    const grace = await actorOf(acme.grace);
    await changeRole(grace, { userId: acme.ada.id, role: 'standard_user' });
    expect((await ask(ada.token, { tag })).status).toBe(403);
    await forceSignOut(grace, { userId: acme.ada.id });
    expect((await ask(ada.token, { tag })).status).toBe(303);
  });

  test('is of one address, one build and one reader’s settings', async () => {
    const { ada, tag } = await room();
    const others: Ask[] = [
      { query: '?sort=lastName' },
      { build: 'build 2' },
      { cookies: 'tz=Europe%2FBerlin' },
      { cookies: 'tz=UTC; users-page-size=25' },
    ];
    for (const other of others) expect([other, (await ask(ada.token, { ...other, tag })).status]).toEqual([other, 200]);
    expect((await ask(ada.token, { cookies: 'tz=UTC; other=1', tag })).status).toBe(304);
  });

  test('is a document: the views that the page’s own client fetches are never kept', async () => {
    const { ada, tag } = await room();
    const view = await ask(ada.token, { build: null, tag });
    expect([view.status, view.tag]).toEqual([200, undefined]);
  });

  test('is sent anew under a new name of its viewer or tenant', async () => {
    const { acme, ada, tag } = await room();
    await db.update(tenants).set({ name: 'Acme & Sons' }).where(eq(tenants.id, acme.tenant.id));
    const renamed = await ask(ada.token, { tag });
    expect(renamed.status).toBe(200);
    await db.update(users).set({ firstName: 'Augusta' }).where(eq(users.id, acme.ada.id));
    expect((await ask(ada.token, { tag: renamed.tag })).status).toBe(200);
  });

  test('is made-up by nobody: a tag that promises longer is none', async () => {
    const { ada, tag } = await room();
    const longer = tag?.replace(/"[0-9a-z]+-/, `"${(Date.now() + 1e10).toString(36)}-`);
    expect((await ask(ada.token, { tag: longer })).status).toBe(200);
    expect((await ask(ada.token, { tag: '*' })).status).toBe(200);
  });
});

describe('by the clock alone', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a list is sent anew when words on it change', async () => {
    const { acme, ada } = await room();
    // At the full hour itself an invitation is about to change its words.
    vi.advanceTimersByTime(5);
    await db
      .update(users)
      .set({ lastLoginAt: new Date(Date.now() - 40_000) })
      .where(eq(users.id, acme.sam.id));
    const { tag, body } = await ask(ada.token);
    expect(body).toContain('just now');
    vi.advanceTimersByTime(19_000);
    expect((await ask(ada.token, { tag })).status).toBe(304);
    vi.advanceTimersByTime(1_000);
    const later = await ask(ada.token, { tag });
    expect([later.status, later.body.includes('1 minute ago')]).toEqual([200, true]);
  });

  test.each(['?status=invited', '?status=expired', '?login=30', '?login=90'])('%s is kept by nobody', async (query) => {
    const { ada } = await room();
    expect((await ask(ada.token, { query })).tag).toBeUndefined();
  });
});

type Change = (at: Awaited<ReturnType<typeof cast>>['acme'], by: Actor) => Promise<unknown>;

/** Whatever can be seen in the list, by whomever it is changed. */
const CHANGES: Record<string, Change> = {
  'a role': ({ sam }, by) => changeRole(by, { userId: sam.id, role: 'tenant_admin' }),
  'a role taken': ({ grace }, by) => changeRole(by, { userId: grace.id, role: 'standard_user' }),
  'a deactivation': ({ sam }, by) => deactivate(by, { userId: sam.id }),
  'a reactivation': ({ dan }, by) => reactivate(by, { userId: dan.id }),
  'a removal': ({ sam }, by) => remove(by, { userId: sam.id }),
  'a return': ({ sam }, by) => restore(by, { userId: sam.id }),
  'a name': ({ sam }, by) => editProfile(by, { userId: sam.id, email: sam.email, firstName: 'Samuel', lastName: 'X' }),
  'a name back': ({ sam }, by) =>
    editProfile(by, { userId: sam.id, email: sam.email, firstName: sam.firstName, lastName: sam.lastName }),
  'an invitation': (_, by) =>
    invite(by, { email: `new${Math.random()}@acme.example`, firstName: '', lastName: '', role: 'standard_user' }),
  'an invitation sent again': ({ ivy }, by) => resendInvitation(by, { userId: ivy.id }),
  'an invitation revoked': ({ ivy }, by) => revokeInvitation(by, { userId: ivy.id }),
  'a password reset': ({ sam }, by) => sendPasswordReset(by, { userId: sam.id }),
  'a sign-out': ({ sam }, by) => forceSignOut(by, { userId: sam.id }),
  'a sign-in': ({ sam }) => db.update(users).set({ lastLoginAt: new Date() }).where(eq(users.id, sam.id)),
  'a second factor': ({ dan }) =>
    db.update(users).set({ mfaEnabled: sql`not mfa_enabled` }).where(eq(users.id, dan.id)),
  'a provider’s word': ({ dan }) =>
    db.update(users).set({ samlEnabled: sql`not saml_enabled` }).where(eq(users.id, dan.id)),
  'an expiry': ({ ivy }) =>
    db
      .update(invitations)
      .set({ expiresAt: new Date(0) })
      .where(eq(invitations.userId, ivy.id)),
  'a lost invitation': ({ ivy }) => db.delete(invitations).where(eq(invitations.userId, ivy.id)),
  'a person gone for good': ({ tenant, dan }) =>
    db.delete(users).where(and(eq(users.tenantId, tenant.id), eq(users.id, dan.id))),
};

test('no change of the list leaves its number as it was, in whatever order changes come', async () => {
  let [changed, seen] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(CHANGES)), { minLength: 12, maxLength: 12 }),
      async (names) => {
        const { acme } = await cast();
        const by = await actorOf(acme.ada);
        const shown = async () => {
          const ofAll = ['', 'removed'].map(async (status) => {
            const view = parseView(status ? { status } : {});
            return renderToStaticMarkup(
              await UsersTable({ tenantId: acme.tenant.id, view, now: new Date(1e13), timeZone: 'UTC' }),
            );
          });
          return (await Promise.all(ofAll)).join();
        };
        for (const name of names) {
          const before = [await shown(), await changesOf(acme.tenant)];
          await CHANGES[name]?.(acme, by);
          const after = [await shown(), await changesOf(acme.tenant)];
          seen++;
          if (after[0] === before[0]) continue;
          changed++;
          expect([name, after[1]]).not.toEqual([name, before[1]]);
        }
      },
    ),
    { numRuns: 12, seed: 7 },
  );
  expect(changed).toBeGreaterThan(seen / 4);
});

test('a change counts from its commit, and not where it was rolled back', async () => {
  const { acme } = await cast();
  const before = await changesOf(acme.tenant);
  const rename = (firstName: string) => ({
    in: (tx: Pick<typeof db, 'update'>) => tx.update(users).set({ firstName }).where(eq(users.id, acme.sam.id)),
  });
  await db.transaction(async (tx) => {
    await rename('Samuel').in(tx);
    expect(await changesOf(acme.tenant), 'read from outside').toBe(before);
  });
  expect(await changesOf(acme.tenant)).toBe(before + 1);
  await db
    .transaction(async (tx) => {
      await rename('Nobody').in(tx);
      tx.rollback();
    })
    .catch(() => {});
  expect(await changesOf(acme.tenant)).toBe(before + 1);
});

test('people of one tenant are changed side by side: the number is held for the commit alone', async () => {
  const { acme } = await cast();
  await db.transaction(async (tx) => {
    await tx.update(users).set({ firstName: 'Samuel' }).where(eq(users.id, acme.sam.id));
    // While that one is still at work.
    await db.transaction(async (other) => {
      await other.execute(sql`set local lock_timeout = '1s'`);
      await other.update(users).set({ firstName: 'Daniel' }).where(eq(users.id, acme.dan.id));
    });
  });
});

test('a session is handed to the page of a GET alone: an action, and what it renders, read for themselves', async () => {
  const { ada } = await room();
  const passageOf = async (method: string) => {
    const passage: Passage = { build: null, begun: 0 };
    const headers = { cookie: `${sessionCookieName()}=${await encodeSessionCookie(ada.token)}; tz=UTC` };
    await inPassage(passage, () => proxy(new NextRequest(`http://rollcall.test${USERS_PATH}`, { method, headers })));
    return passage;
  };
  expect((await passageOf('GET')).session).toMatchObject({ token: ada.token, found: { role: 'tenant_admin' } });
  expect((await passageOf('POST')).session).toBeUndefined();
});
