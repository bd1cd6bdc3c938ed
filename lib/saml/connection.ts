import { and, eq } from 'drizzle-orm';
import { db, type Tx } from '@/db/client';
import { newId } from '@/db/id';
import { samlConnections } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { endSessionsWhere } from '@/lib/sessions/revoke';
import { findTenant, findTenantBySlug, type Tenant } from '@/lib/tenants/find';
import { adminDeed } from '@/lib/users/deed';
import { hasBreakGlassAdmin } from '@/lib/users/last-admin';
import { hasRecentProof } from '@/lib/users/own-deed';
import { readMetadata } from './metadata';

export type Connection = typeof samlConnections.$inferSelect;

export async function findConnection(tenantId: string, on: Tx | typeof db = db): Promise<Connection | null> {
  const [found] = await on.select().from(samlConnections).where(eq(samlConnections.tenantId, tenantId));
  return found ?? null;
}

/** Locks the connection until the transaction ends, so that its settings are still the same at the commit. */
export async function lockConnection(tx: Tx, tenantId: string): Promise<Connection | null> {
  const [found] = await tx
    .select()
    .from(samlConnections)
    .where(eq(samlConnections.tenantId, tenantId))
    .for('no key update');
  return found ?? null;
}

export async function findConnectionBySlug(slug: string): Promise<{ tenant: Tenant; connection: Connection } | null> {
  const tenant = await findTenantBySlug(slug);
  const connection = tenant && (await findConnection(tenant.id));
  return tenant && connection ? { tenant, connection } : null;
}

/** Sessions that the provider opened. */
export const bySaml = (tenantId: string) => and(eq(sessions.tenantId, tenantId), eq(sessions.method, 'saml'));

/**
 * Where SAML is required, a change takes effect untested, so a break-glass admin must exist. The operator can always undo
 * it.
 */
async function hasWayBack(tx: Tx, actor: Actor): Promise<boolean> {
  if (actor.kind !== 'user') return true;
  const { saml } = await findTenant(actor.tenantId, tx);
  return saml !== 'required' || hasBreakGlassAdmin(actor.tenantId, tx);
}

/**
 * Imports the provider's metadata. A later import replaces certificates and addresses and keeps the options. It does not
 * switch SAML on. If it is of another provider, the sessions that the replaced one opened end.
 */
export const importMetadata = (actor: Actor, input: { metadata: string }) =>
  adminDeed(actor, async (tx, now) => {
    // Whoever controls the metadata can sign people in, so a recent proof is needed.
    if (!(await hasRecentProof(tx, now, actor))) return refuse('proof-needed');
    const { metadata } = readMetadata(input.metadata, now);
    if (!metadata) return refuse('metadata-unusable');
    const before = await lockConnection(tx, actor.tenantId);
    if (!(await hasWayBack(tx, actor))) return refuse('no-way-back');
    const { wantsSignedRequests, ...provider } = metadata;
    const values = {
      ...provider,
      metadataXml: input.metadata,
      // On if the provider asks for it. A setting made by hand stays on for the same provider.
      signRequests: wantsSignedRequests || (before?.idpEntityId === metadata.idpEntityId && before.signRequests),
      testedAt: null,
      updatedAt: now,
    };
    if (before) await tx.update(samlConnections).set(values).where(eq(samlConnections.tenantId, before.tenantId));
    else
      await tx.insert(samlConnections).values({ ...values, id: newId(now), tenantId: actor.tenantId, createdAt: now });
    const isReplaced = before !== null && before.idpEntityId !== metadata.idpEntityId;
    const sessionsEnded = isReplaced ? await endSessionsWhere(tx, now, bySaml(actor.tenantId), 'saml-off') : 0;
    const details = {
      before: before?.idpEntityId ?? null,
      after: metadata.idpEntityId,
      certificates: metadata.certificates.length,
      ...(isReplaced ? { sessionsEnded } : {}),
    };
    const auditId = await record(tx, now, actor, 'saml.metadata-set', null, details);
    return done({ auditId, idpEntityId: metadata.idpEntityId });
  });

export type Options = Pick<
  Connection,
  'strict' | 'jit' | 'idpInitiated' | 'signRequests' | 'emailAttribute' | 'firstNameAttribute' | 'lastNameAttribute'
>;

export const optionsOf = (connection: Connection): Options => ({
  strict: connection.strict,
  jit: connection.jit,
  idpInitiated: connection.idpInitiated,
  signRequests: connection.signRequests,
  emailAttribute: connection.emailAttribute,
  firstNameAttribute: connection.firstNameAttribute,
  lastNameAttribute: connection.lastNameAttribute,
});

/** The audit entry of the change; null if nothing changed. */
export type Changed = { auditId: string | null };

/** Options whose change can make responses fail that were accepted before. */
const OF_THE_ANSWER: (keyof Options)[] = ['strict', 'signRequests', 'emailAttribute'];

/** Clears `testedAt`: a passed test does not cover other options. */
export const changeOptions = (actor: Actor, given: Partial<Options>) =>
  adminDeed(actor, async (tx, now) => {
    const connection = await lockConnection(tx, actor.tenantId);
    if (!connection) return refuse('no-connection');
    const before = optionsOf(connection);
    const names = (Object.keys(given) as (keyof Options)[]).filter((name) => given[name] !== before[name]);
    if (names.length === 0) return done<Changed>({ auditId: null });
    if (names.some((name) => OF_THE_ANSWER.includes(name)) && !(await hasWayBack(tx, actor)))
      return refuse('no-way-back');
    const pick = (from: Partial<Options>) => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
    await tx
      .update(samlConnections)
      .set({ ...pick(given), testedAt: null, updatedAt: now })
      .where(eq(samlConnections.tenantId, connection.tenantId));
    const details = { before: pick(before), after: pick(given) };
    return done<Changed>({ auditId: await record(tx, now, actor, 'saml.options-changed', null, details) });
  });
