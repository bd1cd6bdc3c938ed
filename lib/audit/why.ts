import { and, desc, eq, inArray } from 'drizzle-orm';
import { db } from '@/db/client';
import { type AuditEntry, auditEntries, entryColumns } from '@/db/schema/audit';
import type { AuditAction } from './catalogue';

/** Which actions set each property shown of a person. If an action that sets one is missing here, *Why?* shows an older entry. */
const SET_BY = {
  role: [
    'user.created',
    'user.invited',
    'invitation.resent',
    'user.role-changed',
    'user.role-mapped',
    'user.role-kept',
    'user.role-managed',
  ],
  active: [
    'user.created',
    'user.invited',
    'user.adopted',
    'invitation.accepted',
    'user.deactivated',
    'user.reactivated',
    'user.removed',
    'user.restored',
  ],
  mfa: ['second-factor.added', 'second-factor.removed', 'second-factor.reset'],
  saml: ['user.created', 'user.adopted', 'saml.linked', 'saml.unlinked'],
} as const satisfies Record<string, readonly AuditAction[]>;

export type Property = keyof typeof SET_BY;
export type Reasons = Record<Property, AuditEntry | null>;

/** Who or what last set each property: the newest such entry with this person as target. */
export async function readReasons(user: { tenantId: string; id: string }): Promise<Reasons> {
  const newest = async (actions: readonly AuditAction[]) => {
    const [entry] = await db
      .select(entryColumns)
      .from(auditEntries)
      .where(
        and(
          eq(auditEntries.tenantId, user.tenantId),
          eq(auditEntries.targetId, user.id),
          inArray(auditEntries.action, [...actions]),
        ),
      )
      .orderBy(desc(auditEntries.id))
      .limit(1)
      .prepare('read_reason')
      .execute();
    return entry ?? null;
  };
  const [role, active, mfa, saml] = await Promise.all([
    newest(SET_BY.role),
    newest(SET_BY.active),
    newest(SET_BY.mfa),
    newest(SET_BY.saml),
  ]);
  return { role, active, mfa, saml };
}
