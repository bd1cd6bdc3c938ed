import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { SignedXml } from 'xml-crypto';
import type { Tx } from '@/db/client';
import { samlArrivals, samlLinks, samlSessions, samlSpentIds } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import type { Origin } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { escapeHtml } from '@/lib/escape-html';
import { LIMITS, take } from '@/lib/rate-limit';
import { endSessionsWhere } from '@/lib/sessions/revoke';
import type { Tenant } from '@/lib/tenants/find';
import { acsUrlOf, entityIdOf, logoutUrlOf } from './addresses';
import { nameIdKey } from './candidate';
import { rememberUntil } from './check-response';
import { CLOCK_SKEW_MS, readTime } from './clock';
import { type Connection, findConnectionBySlug } from './connection';
import { provider } from './join';
import { keyPairs } from './keys';
import { attribute, child, children, NS, readMessage, textOf } from './read-xml';
import type { Problem } from './reasons';
import { recordExchange, recordNoise } from './recorder';
import { signedShape } from './response-shape';
import { signingKey } from './verify';

/**
 * Single logout from the provider (SAML 2.0 Profiles, 4.4), by POST only, since it ends sessions. The request must be
 * signed, addressed to us, recent and unused. It ends the sessions of its NameID, or only those of its SessionIndex if it
 * names one.
 */
export type SignedOut =
  | { as: 'unknown' }
  | { as: 'limited' }
  | { as: 'refused'; problem: Problem }
  | { as: 'done'; sessionsEnded: number; reply: { post: string; fields: Record<string, string> } | null };

const AGE_MS = 10 * 60_000;

type Given = { SAMLRequest: string | null; RelayState: string | null };

export async function signOutByProvider(slug: string, given: Given, origin: Origin): Promise<SignedOut> {
  const found = await findConnectionBySlug(slug);
  if (!found) return { as: 'unknown' };
  if ((await take(LIMITS.samlAddress, origin.ip)) > 0) return { as: 'limited' };
  const { tenant, connection } = found;
  const now = new Date();
  const request = await readRequest(given.SAMLRequest, tenant, connection, now);
  if ('reason' in request) {
    await recordNoise(now, connection, {
      direction: 'received',
      kind: 'sign-out',
      outcome: 'refused',
      problem: request,
    });
    return { as: 'refused', problem: request };
  }
  const sessionsEnded = await transaction((tx, now) => end(tx, now, connection, request, origin));
  if (sessionsEnded === null) return { as: 'refused', problem: { reason: 'replayed' } };
  const { sloUrl } = connection;
  if (!sloUrl) return { as: 'done', sessionsEnded, reply: null };
  const fields: Record<string, string> = { SAMLResponse: await replyTo(request.id, tenant, sloUrl, now) };
  if (given.RelayState) fields.RelayState = given.RelayState.slice(0, 1024);
  return { as: 'done', sessionsEnded, reply: { post: sloUrl, fields } };
}

type Request = { id: string; nameId: string; sessionIndexes: string[] };

async function readRequest(
  given: string | null,
  tenant: Tenant,
  connection: Connection,
  now: Date,
): Promise<Request | Problem> {
  const message = readMessage(given);
  if ('reason' in message) return message;
  const { base64, root } = message;
  if (root.namespaceURI !== NS.protocol || root.localName !== 'LogoutRequest') return { reason: 'sign-out-shape' };
  const shape = signedShape(root);
  if (shape) return shape;
  const key = signingKey(root, connection.certificates);
  if (!key || !(await isWhole(base64, key, tenant))) return { reason: 'sign-out-unsigned' };

  const issuer = textOf(child(root, NS.assertion, 'Issuer'));
  if (issuer !== connection.idpEntityId)
    return { reason: 'issuer', facts: { issuer, expected: connection.idpEntityId } };
  const destination = attribute(root, 'Destination');
  const expected = logoutUrlOf(tenant.slug);
  if (destination !== expected)
    return { reason: 'destination', facts: { destination: destination ?? 'no address', expected } };
  const issued = readTime(attribute(root, 'IssueInstant'));
  const until = attribute(root, 'NotOnOrAfter');
  const isOld = !issued || Math.abs(now.getTime() - issued.getTime()) > AGE_MS + CLOCK_SKEW_MS;
  if (isOld || (until !== null && (readTime(until)?.getTime() ?? 0) <= now.getTime() - CLOCK_SKEW_MS))
    return { reason: 'expired', facts: { what: 'IssueInstant', at: issued?.toISOString() ?? 'missing' } };
  const nameId = textOf(child(root, NS.assertion, 'NameID'));
  if (nameId === '') return { reason: 'sign-out-shape' };
  const sessionIndexes = children(root, NS.protocol, 'SessionIndex').map(textOf).filter(Boolean);
  return { id: attribute(root, 'ID') ?? '', nameId, sessionIndexes };
}

/** The library checks that the signature covers the whole message. */
async function isWhole(SAMLRequest: string, key: string, { slug }: Tenant): Promise<boolean> {
  const saml = new SAML({
    issuer: entityIdOf(slug),
    callbackUrl: acsUrlOf(slug),
    idpCert: key,
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: CLOCK_SKEW_MS,
  });
  return saml.validatePostRequestAsync({ SAMLRequest }).then(
    () => true,
    () => false,
  );
}

/** Null if this request was processed before. */
async function end(
  tx: Tx,
  now: Date,
  { tenantId, idpEntityId }: Connection,
  request: Request,
  origin: Origin,
): Promise<number | null> {
  const spent = {
    tenantId,
    idHash: hashToken(`sign-out\0${idpEntityId}\0${request.id}`),
    expiresAt: rememberUntil(now),
  };
  if ((await tx.insert(samlSpentIds).values(spent).onConflictDoNothing().returning()).length === 0) return null;
  // A parked response of this person would start a new session after the sign-out.
  await tx
    .delete(samlArrivals)
    .where(
      and(
        eq(samlArrivals.tenantId, tenantId),
        sql`lower(${samlArrivals.claims}->>'nameId') = ${request.nameId.toLowerCase()}`,
      ),
    );
  const meant = await tx
    .select({ sessionId: samlSessions.sessionId })
    .from(samlSessions)
    .where(
      and(
        eq(samlSessions.tenantId, tenantId),
        eq(samlSessions.idpEntityId, idpEntityId),
        eq(samlSessions.nameId, nameIdKey(request.nameId)),
        request.sessionIndexes.length > 0 ? inArray(samlSessions.sessionIndex, request.sessionIndexes) : undefined,
      ),
    );
  const ids = meant.map(({ sessionId }) => sessionId);
  const which = and(eq(sessions.tenantId, tenantId), inArray(sessions.id, ids));
  const sessionsEnded = ids.length === 0 ? 0 : await endSessionsWhere(tx, now, which, 'idp-sign-out');
  const [person] = await tx
    .select({ id: users.id, email: users.email })
    .from(samlLinks)
    .innerJoin(users, and(eq(users.tenantId, samlLinks.tenantId), eq(users.id, samlLinks.userId)))
    .where(
      and(
        eq(samlLinks.tenantId, tenantId),
        eq(samlLinks.idpEntityId, idpEntityId),
        eq(samlLinks.nameId, nameIdKey(request.nameId)),
      ),
    );
  if (person) await record(tx, now, provider(tenantId, origin), 'saml.signed-out', person, { sessionsEnded });
  await recordExchange(tx, now, tenantId, {
    direction: 'received',
    kind: 'sign-out',
    outcome: 'done',
    subject: request.nameId,
  });
  return sessionsEnded;
}

const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** The signed response that the provider waits for before it signs out of the next application. */
async function replyTo(requestId: string, { slug }: Tenant, to: string, now: Date): Promise<string> {
  const [{ privateKey }] = await keyPairs(now);
  const xml =
    `<samlp:LogoutResponse xmlns:samlp="${NS.protocol}" ID="_${newToken()}" Version="2.0" IssueInstant="${now.toISOString()}" Destination="${escapeHtml(to)}" InResponseTo="${escapeHtml(requestId)}">` +
    `<saml:Issuer xmlns:saml="${NS.assertion}">${escapeHtml(entityIdOf(slug))}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>`;
  const signature = new SignedXml({
    privateKey,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  const root = "/*[local-name(.)='LogoutResponse']";
  signature.addReference({
    xpath: root,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE],
    digestAlgorithm: SHA256,
  });
  signature.computeSignature(xml, { location: { reference: `${root}/*[local-name(.)='Issuer']`, action: 'after' } });
  return Buffer.from(signature.getSignedXml()).toString('base64');
}
