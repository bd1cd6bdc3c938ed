import { and, eq, gt } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { samlArrivals, samlSessions } from '@/db/schema/saml';
import { acrossTenants } from '@/db/tenant-wall';
import { tenantTransaction, transaction } from '@/db/transaction';
import type { Origin } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashToken } from '@/lib/crypto/tokens';
import { countedSignIn } from '@/lib/observe/sign-ins';
import { done, refuse } from '@/lib/outcome';
import type { LiveSession } from '@/lib/sessions/find';
import { findTenant, holdTenant } from '@/lib/tenants/find';
import { type Entered, enter } from '@/lib/users/enter';
import { isRecentProof } from '@/lib/users/own-deed';
import { cookieNameOf } from './ask';
import { findCandidate, judge, nameIdKey } from './candidate';
import type { Claims } from './check-response';
import { type Connection, findConnection } from './connection';
import { join, provider } from './join';
import type { Problem, Reason } from './reasons';
import { settleExchange } from './recorder';

/**
 * The last step of a SAML sign-in: in the browser that sent the request, the parked response is used and a session starts.
 * A response that somebody else obtained and brings to this browser finds no matching cookie here.
 */
type Cookies = { get: (name: string) => { value: string } | undefined };
type Arrival = typeof samlArrivals.$inferSelect & { claims: Claims };

const findArrival = async (handle: string, now: Date): Promise<Arrival | null> => {
  const [found] = await acrossTenants(() =>
    db
      .select()
      .from(samlArrivals)
      .where(and(eq(samlArrivals.handleHash, hashToken(handle)), gt(samlArrivals.expiresAt, now))),
  );
  return (found as Arrival | undefined) ?? null;
};

/** The cookie's name and the path to go to next, if this is the browser that sent the request; otherwise null. */
function heldBy(cookies: Cookies, { bindingHash }: Arrival): { name: string; next: string } | null {
  const name = cookieNameOf(bindingHash);
  const [binding = '', next = ''] = cookies.get(name)?.value.split('~') ?? [];
  if (hashToken(binding) !== bindingHash) return null;
  try {
    return { name, next: decodeURIComponent(next) };
  } catch {
    return { name, next: '/' };
  }
}

/** The user who has recently proven a password or passkey in this browser, which lets the two accounts be linked. */
const confirmedBy = (previous: LiveSession | null, now: Date): string | null =>
  (previous?.standing === 'open' || previous?.standing === 'connect') &&
  previous.method !== 'saml' &&
  isRecentProof(previous.authenticatedAt, now)
    ? previous.userId
    : null;

/**
 * Data for the page before the sign-in. Changes nothing. `leaves`: the session of another user that would end. `asks`: the
 * person must press the button themselves.
 */
export async function readArrival(
  slug: string,
  handle: string,
  cookies: Cookies,
  previous: LiveSession | null,
  now = new Date(),
) {
  const arrival = await findArrival(handle, now);
  if (!arrival) return refuse('arrival-old');
  const tenant = await findTenant(arrival.tenantId);
  if (tenant.slug !== slug) return refuse('arrival-old');
  // `arrive` refuses and records this; here it is only read.
  if (!heldBy(cookies, arrival))
    return done({ tenantName: tenant.name, email: null, connects: false, leaves: null, asks: false });
  const connection = await findConnection(arrival.tenantId);
  if (!connection) return refuse('not-enabled');
  const candidate = await findCandidate(db, connection, arrival.claims, now);
  const unconfirmed = judge(candidate, { jit: true, confirmedUserId: null });
  const connects =
    'refuse' in unconfirmed &&
    unconfirmed.refuse.reason === 'admin-unconfirmed' &&
    confirmedBy(previous, now) === candidate.user?.id;
  // Another site can start this flow, so nobody's own session is replaced without asking.
  const leaves = previous && previous.userId !== candidate.user?.id ? previous : null;
  const asks = arrival.unasked || connects || leaves !== null;
  return done({ tenantName: tenant.name, email: arrival.claims.email, connects, leaves, asks });
}

/** `tenantId` is set if the person may be told whom to ask there. */
type Refused = { refused: Reason; tenantId: string | null };
type Arrived = Refused | { session: Entered; next: string; cookie: string };

export const arrive = countedSignIn('saml', enterByArrival);

async function enterByArrival(handle: string, cookies: Cookies, origin: Origin, previous: LiveSession | null) {
  const now = new Date();
  const arrival = await findArrival(handle, now);
  if (!arrival) return done<Arrived>({ refused: 'arrival-old', tenantId: null });
  const held = heldBy(cookies, arrival);
  if (!held) {
    await transaction((tx) =>
      settleExchange(tx, arrival.tenantId, arrival.exchangeId, 'refused', { reason: 'other-browser' }),
    );
    return done<Arrived>({ refused: 'other-browser', tenantId: null });
  }
  const connection = await findConnection(arrival.tenantId);
  // Mapped roles can demote an admin, so these sign-ins run one after the other within a tenant.
  const inTransaction = connection?.groupAttribute
    ? <T>(deed: (tx: Tx, now: Date) => Promise<T>) => tenantTransaction(arrival.tenantId, deed)
    : transaction;
  return inTransaction(async (tx, now) => {
    const [taken] = await tx
      .delete(samlArrivals)
      .where(and(eq(samlArrivals.tenantId, arrival.tenantId), eq(samlArrivals.handleHash, arrival.handleHash)))
      .returning();
    if (!taken) return done<Arrived>({ refused: 'arrival-old', tenantId: null });
    const problem = await stillOn(tx, arrival.tenantId, connection);
    const joined =
      problem || !connection
        ? { problem: problem ?? { reason: 'not-enabled' as const }, user: null }
        : await join(tx, now, connection, arrival.claims, { confirmedUserId: confirmedBy(previous, now), origin });
    if ('problem' in joined) {
      await settleExchange(tx, arrival.tenantId, arrival.exchangeId, 'refused', joined.problem);
      const details = { reason: joined.problem.reason, subject: arrival.claims.email };
      await record(tx, now, provider(arrival.tenantId, origin), 'saml.sign-in-refused', joined.user, details);
      return done<Arrived>({ refused: joined.problem.reason, tenantId: arrival.tenantId });
    }
    const { notAfter, authenticatedAt, nameId, sessionIndex } = arrival.claims;
    const how = {
      method: 'saml',
      notAfter: notAfter ? new Date(notAfter) : null,
      authenticatedAt: new Date(authenticatedAt),
    } as const;
    const session = await enter(tx, now, joined, how, origin, previous);
    await tx.insert(samlSessions).values({
      sessionId: session.sessionId,
      tenantId: arrival.tenantId,
      idpEntityId: connection?.idpEntityId ?? '',
      nameId: nameIdKey(nameId),
      sessionIndex,
    });
    await settleExchange(tx, arrival.tenantId, arrival.exchangeId, 'done', null);
    return done<Arrived>({ session, next: arrival.unasked ? (arrival.next ?? '/') : held.next, cookie: held.name });
  });
}

/** Refuses if SAML was switched off or the provider replaced since the response was parked. */
async function stillOn(tx: Tx, tenantId: string, seen: Connection | null): Promise<Problem | null> {
  const { saml } = await holdTenant(tx, tenantId);
  const connection = await findConnection(tenantId, tx);
  const isSame = connection !== null && connection.id === seen?.id && connection.idpEntityId === seen.idpEntityId;
  return saml === 'off' || !isSame ? { reason: 'not-enabled' } : null;
}
