import { and, eq } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { samlArrivals, samlConnections, samlSpentIds } from '@/db/schema/saml';
import { transaction } from '@/db/transaction';
import type { Origin } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { env } from '@/lib/env';
import { noteActor } from '@/lib/observe/doing';
import { LIMITS, take } from '@/lib/rate-limit';
import type { Tenant } from '@/lib/tenants/find';
import { acsUrlOf, entityIdOf } from './addresses';
import { QUESTION_SECONDS } from './ask';
import { type Attributes, readAttributes } from './attributes';
import {
  type Asked,
  type Claims,
  checkResponse,
  type Expected,
  readClaims,
  readQuestion,
  rememberUntil,
} from './check-response';
import { type Connection, findConnectionBySlug } from './connection';
import { foresee } from './foresee';
import { provider } from './join';
import { keyPairs } from './keys';
import { NS, readMessage } from './read-xml';
import type { Problem, Reason } from './reasons';
import { maskAttributes, recordExchange, recordNoise, redact } from './recorder';
import { responseShape } from './response-shape';
import { verifyResponse } from './verify';

/**
 * Handles a response at the ACS. It arrives by a POST from the provider's site, so it carries none of our cookies. It is
 * validated, recorded, marked as used, and parked under a handle; `arrive` signs the person in, in the browser that sent
 * the request. Nothing that an outsider sends makes this throw.
 */
export type Answered =
  | { as: 'unknown' }
  | { as: 'limited' }
  | { as: 'refused'; tenant: Tenant; reason: Reason }
  | { as: 'tested'; exchangeId: string }
  /** `binding`: set for a response without a request, so that the handle works only in this browser. */
  | { as: 'parked'; tenant: Tenant; handle: string; binding: string | null };

export type Report = {
  checks: Asked[];
  /** By name. Outside a test, values that are not read are masked. Not trustworthy unless `verified`. */
  sent: Attributes;
  verified: boolean;
  encrypted: boolean;
  claims: Claims | null;
  would: string[];
};

type Given = { SAMLResponse: string | null; RelayState: string | null };

export async function answer(slug: string, given: Given, origin: Origin): Promise<Answered> {
  const found = await findConnectionBySlug(slug);
  if (!found) return { as: 'unknown' };
  noteActor({ tenantId: found.tenant.id });
  if ((await take(LIMITS.samlAddress, origin.ip)) > 0) return { as: 'limited' };
  const { tenant, connection } = found;
  const now = new Date();
  const read = readMessage(given.SAMLResponse);
  if ('reason' in read) {
    await recordNoise(now, connection, { direction: 'received', kind: 'sign-in', outcome: 'refused', problem: read });
    return { as: 'refused', tenant, reason: read.reason };
  }
  const heard = await hear(read, tenant, connection, now);
  if (heard.kind === 'test') return note(now, connection, heard, origin);
  return heard.problem || !heard.report.claims
    ? refuse(now, tenant, connection, heard)
    : park(now, tenant, connection, { ...heard, claims: heard.report.claims }, given.RelayState);
}

type Heard = {
  kind: 'sign-in' | 'test';
  /** The first problem found. */
  problem: Problem | null;
  signed: boolean;
  requestId: string | null;
  assertionId: string;
  xml: string;
  report: Report;
};

async function hear(
  { text, root }: { text: string; root: Element },
  tenant: Tenant,
  connection: Connection,
  now: Date,
): Promise<Heard> {
  const expected: Expected = {
    connectionId: connection.id,
    entityId: entityIdOf(tenant.slug),
    acsUrl: acsUrlOf(tenant.slug),
    idpEntityId: connection.idpEntityId,
    idpInitiated: connection.idpInitiated,
    names: connection,
    groupAttribute: connection.groupAttribute,
  };
  const shape = responseShape(root);
  const privateKeys = (await keyPairs(now)).map(({ privateKey }) => privateKey);
  const verified =
    shape ??
    (await verifyResponse(text, root, {
      ...expected,
      certificates: connection.certificates,
      strict: connection.strict,
      privateKeys,
    }));
  // For an unverified message, this decides only how it is recorded and shown.
  const question = readQuestion({
    response: 'reason' in verified ? root : verified.response,
    connectionId: connection.id,
    now,
  });
  const kind = typeof question?.read === 'object' && question.read.kind === 'test' ? 'test' : 'sign-in';
  // A test shows all attribute values to the admin who runs it.
  const shown = (sent: Attributes) => (kind === 'test' ? sent : maskAttributes(sent, connection));
  const [plain] = Array.from(root.getElementsByTagNameNS(NS.assertion, 'Assertion'));

  if ('reason' in verified) {
    const report = {
      checks: [{ check: 'Signature', problem: verified }],
      sent: shown(plain ? readAttributes(plain) : {}),
      verified: false,
      encrypted: false,
      claims: null,
      would: [],
    };
    return {
      kind,
      problem: verified,
      signed: false,
      requestId: null,
      assertionId: '',
      xml: redact(root, connection),
      report,
    };
  }
  const checks: Asked[] = [{ check: 'Signature', problem: null }, ...checkResponse({ ...expected, ...verified, now })];
  const own = checks.find(({ problem }) => problem)?.problem ?? null;
  // Our own checks should cover every reason of the library. If it still rejects the response, that stands.
  const problem: Problem | null = own ?? (verified.librarySaid === null ? null : { reason: 'library' });
  const claims = problem ? null : readClaims({ ...expected, ...verified });
  return {
    kind,
    problem,
    signed: true,
    requestId: question?.id ?? null,
    assertionId: verified.assertion.getAttribute('ID') ?? '',
    xml: redact(verified.encrypted ? verified.assertion : verified.response, connection),
    report: {
      checks,
      sent: shown(readAttributes(verified.assertion)),
      verified: true,
      encrypted: verified.encrypted,
      claims,
      would: kind === 'test' && claims ? await foresee(connection, claims, now) : [],
    },
  };
}

async function refuse(now: Date, tenant: Tenant, connection: Connection, heard: Heard): Promise<Answered> {
  const problem = heard.problem ?? { reason: 'library' };
  const entry = {
    direction: 'received',
    kind: 'sign-in',
    outcome: 'refused',
    problem,
    xml: heard.xml,
    report: { ...heard.report },
  } as const;
  await (heard.signed ? recordExchange(db, now, tenant.id, entry) : recordNoise(now, connection, entry));
  return { as: 'refused', tenant, reason: problem.reason };
}

/** A test signs nobody in. It records what was received and understood, for the admin to see. */
async function note(now: Date, connection: Connection, heard: Heard, origin: Origin): Promise<Answered> {
  const { problem, xml, report } = heard;
  return transaction(async (tx) => {
    const exchangeId = await recordExchange(tx, now, connection.tenantId, {
      direction: 'received',
      kind: 'test',
      outcome: problem ? 'refused' : 'done',
      problem,
      subject: report.claims?.email ?? null,
      xml,
      report: { ...report },
    });
    if (!problem) {
      await tx
        .update(samlConnections)
        .set({ testedAt: now })
        .where(and(eq(samlConnections.tenantId, connection.tenantId), eq(samlConnections.id, connection.id)));
      const details = { idpEntityId: connection.idpEntityId, subject: report.claims?.email ?? '' };
      await record(tx, now, provider(connection.tenantId, origin), 'saml.tested', null, details);
    }
    return { as: 'tested', exchangeId };
  });
}

async function park(
  now: Date,
  tenant: Tenant,
  connection: Connection,
  heard: Heard & { claims: Claims },
  relayState: string | null,
): Promise<Answered> {
  const isOff = tenant.saml === 'off';
  return transaction(async (tx): Promise<Answered> => {
    const entry = {
      direction: 'received',
      kind: 'sign-in',
      subject: heard.claims.email,
      xml: heard.xml,
      report: { ...heard.report },
    } as const;
    const problem: Problem | null = isOff ? { reason: 'not-enabled' } : await spend(tx, now, connection, heard);
    if (problem) {
      await recordExchange(tx, now, tenant.id, { ...entry, outcome: 'refused', problem });
      return { as: 'refused', tenant, reason: problem.reason };
    }
    const exchangeId = await recordExchange(tx, now, tenant.id, { ...entry, outcome: 'waiting' });
    const handle = newToken();
    const binding = heard.requestId === null ? newToken() : null;
    await tx.insert(samlArrivals).values({
      handleHash: hashToken(handle),
      tenantId: tenant.id,
      bindingHash: hashToken(binding ?? heard.requestId ?? ''),
      exchangeId,
      claims: heard.claims,
      unasked: binding !== null,
      next: binding === null || relayState === null ? null : startOf(relayState),
      expiresAt: new Date(now.getTime() + QUESTION_SECONDS * 1000),
    });
    return { as: 'parked', tenant, handle, binding };
  });
}

/** Where an IdP-initiated sign-in leads: a path, or a URL of this site, which is the form that providers expect. */
function startOf(relayState: string): string {
  const base = new URL(env().APP_URL);
  const url = URL.canParse(relayState) ? new URL(relayState) : null;
  const path = url?.origin === base.origin ? `${url.pathname}${url.search}` : relayState;
  return path.slice(0, 1500);
}

/** An assertion and the request it answers can each be used once, across all processes and under concurrency. */
async function spend(tx: Tx, now: Date, { tenantId, idpEntityId }: Connection, heard: Heard): Promise<Problem | null> {
  const claim = async (id: string) => {
    const row = { tenantId, idHash: hashToken(id), expiresAt: rememberUntil(now) };
    return (await tx.insert(samlSpentIds).values(row).onConflictDoNothing().returning()).length > 0;
  };
  if (!(await claim(`assertion\0${idpEntityId}\0${heard.assertionId}`))) return { reason: 'replayed' };
  if (heard.requestId !== null && !(await claim(`request\0${heard.requestId}`))) return { reason: 'request-answered' };
  return null;
}
