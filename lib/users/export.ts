import type { User } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { ROLE_NAMES, type UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { csvStream } from '@/lib/csv';
import { type Standing, standingOf, type UserFilters } from './list';
import type { Order } from './read';
import { walk } from './walk';

/**
 * The filtered set as CSV, in the order of the page. Read page by page by keyset: no transaction is held open by a slow
 * download.
 */
const HEADER = [
  'Email',
  'First Name',
  'Last Name',
  'Status',
  'Invitation Expires',
  'MFA Enabled',
  'SAML Enabled',
  'Tenant Admin',
  'Role',
  'Last Login',
  'Last Login Method',
  'User Id',
];

/** The entry comes first: an export that is broken off was begun all the same. */
export async function exportUsers(
  actor: UserActor,
  filters: UserFilters,
  order: Order,
): Promise<ReadableStream<Uint8Array>> {
  const filter = Object.fromEntries(
    Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  await transaction((tx, now) => record(tx, now, actor, 'users.exported', null, { filter }));
  return csvStream(rows(actor.tenantId, filters, order));
}

async function* rows(tenantId: string, filters: UserFilters, order: Order): AsyncGenerator<string[]> {
  const now = new Date();
  yield HEADER;
  for await (const { user, openUntil } of walk(tenantId, filters, order, now)) yield cells(user, openUntil, now);
}

const WORDS: Record<Standing, string> = {
  active: 'active',
  invited: 'invited',
  expired: 'invitation expired',
  revoked: 'invitation revoked',
  deactivated: 'deactivated',
  removed: 'removed',
};

function cells(user: User, openUntil: Date | null, now: Date): string[] {
  return [
    user.email,
    user.firstName,
    user.lastName,
    WORDS[standingOf(user.status, openUntil, now)],
    openUntil?.toISOString() ?? '',
    user.mfa === 'not_applicable' ? 'not applicable' : yes(user.mfa === 'set_up'),
    yes(user.samlEnabled),
    yes(user.role === 'tenant_admin'),
    ROLE_NAMES[user.role],
    user.lastLoginAt?.toISOString() ?? '',
    user.lastLoginMethod ?? '',
    user.id,
  ];
}

const yes = (value: boolean) => (value ? 'yes' : 'no');
