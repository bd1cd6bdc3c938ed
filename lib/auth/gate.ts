import { and, eq } from 'drizzle-orm';
import { db } from '@/db/client';
import { ID } from '@/db/id';
import { users } from '@/db/schema/users';
import { speakFor } from '@/db/tenant-wall';
import { findListedKey } from '@/lib/api-keys/find';
import { noteActor } from '@/lib/observe/doing';
import { findSession, type LiveSession, type Standing, touchSession } from '@/lib/sessions/find';
import { passageNow } from '@/lib/sessions/passage';
import { displayName } from '@/lib/users/find';
import { decodeSessionCookie } from './cookie';
import { type Match, ruleFor } from './route-access';

/** The proxy's decision about a request, independent of how it is answered. */
export type Verdict =
  | 'pass'
  | 'unlisted'
  | 'cross-site'
  | 'sign-in'
  | 'no-such-person'
  | { prove: Exclude<Standing, 'open'> }
  | 'no-such-key'
  | { forbidden: LiveSession };

type Asked = { method: string; pathname: string; cookie: string | undefined; headers: Headers };

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The first access check: session → role → rule of the route, read from the database on each request. Fails closed: an
 * error here denies the request.
 */
export async function judge(asked: Asked): Promise<Verdict> {
  const rule = ruleFor(asked.pathname);
  if (!rule) return (await forbiddenThere(asked)) ?? 'unlisted';
  // These routes ignore cookies, so another site has nothing to abuse.
  if (rule.access === 'bearer') return 'pass';
  // Provider messages are signed, and sign nobody in until this browser finishes the sign-in itself.
  if (rule.access === 'provider') return 'pass';
  if (!SAFE.has(asked.method) && isCrossSite(asked.headers)) return 'cross-site';
  if (rule.access === 'public') return 'pass';

  const token = await decodeSessionCookie(asked.cookie);
  const session = token ? await findSession(token) : null;
  if (!session) return 'sign-in';
  noteActor({ tenantId: session.tenantId, actorId: session.userId });
  if (session.standing !== 'open' && rule.access !== session.standing) return { prove: session.standing };
  if (rule.access === 'tenant_admin' && session.role !== 'tenant_admin') return { forbidden: session };
  speakFor(session.tenantId);
  if (!(await personExists(rule, session))) return 'no-such-person';
  if (!(await keyExists(rule, session))) return 'no-such-key';
  await touchSession(session);
  if (token && SAFE.has(asked.method)) handOn(token, session);
  return 'pass';
}

/** Under /administration/, people who are not admins are refused for every path, listed or not. */
async function forbiddenThere({ pathname, cookie }: Asked): Promise<Verdict | null> {
  if (!pathname.startsWith('/administration/')) return null;
  const token = await decodeSessionCookie(cookie);
  const session = token ? await findSession(token) : null;
  return session?.standing === 'open' && session.role !== 'tenant_admin' ? { forbidden: session } : null;
}

/** Passes the session to the page. An action may change what was read here, so it and what it renders read again. */
function handOn(token: string, found: LiveSession): void {
  const passage = passageNow();
  if (passage) Object.assign(passage, { session: { token, found }, gateMs: performance.now() - passage.begun });
}

/**
 * A form or call from another site (CSRF). Browsers send Sec-Fetch-Site; if it is missing, the Origin must be the requested
 * host. A request with neither does not come from a browser and carries no browser cookie.
 */
function isCrossSite(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  if (site) return site !== 'same-origin' && site !== 'none';
  const origin = headers.get('origin');
  if (!origin) return false;
  return !URL.canParse(origin) || new URL(origin).host !== (headers.get('x-forwarded-host') ?? headers.get('host'));
}

async function personExists(rule: Match, session: LiveSession): Promise<boolean> {
  if (rule.personId === null) return true;
  if (!ID.test(rule.personId)) return false;
  const found = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.tenantId, session.tenantId), eq(users.id, rule.personId)));
  return found.length > 0;
}

const keyExists = async ({ keyId }: Match, { tenantId }: LiveSession): Promise<boolean> =>
  keyId === null || (ID.test(keyId) && (await findListedKey(tenantId, keyId)) !== null);

/** Up to five admins, by name and address, whom somebody without the role can ask for help. */
export async function adminsToAsk(tenantId: string): Promise<string[]> {
  const admins = await db
    .select({ firstName: users.firstName, lastName: users.lastName, email: users.email })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.role, 'tenant_admin'), eq(users.status, 'active')))
    .orderBy(users.emailKey)
    .limit(5);
  return admins.map((admin) =>
    displayName(admin) === admin.email ? admin.email : `${displayName(admin)} (${admin.email})`,
  );
}
