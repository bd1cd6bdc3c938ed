import type { users } from '@/db/schema/users';
import { transaction } from '@/db/transaction';
import { ROLE_NAMES, type UserActor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { csvStream } from '@/lib/csv';
import type { UserFilters } from './list';
import { type Order, readUsers } from './read';

/**
 * The filtered set as CSV, in the order of the page. Read page by page by keyset: no transaction is held open by a slow
 * download.
 */
const PAGE = 1000;
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
  for (let place: string[] | undefined; ; ) {
    const page = await readUsers(tenantId, filters, order, { place, limit: PAGE, now });
    for (const row of page) yield cells(row, now);
    if (page.length < PAGE) return;
    place = page.at(-1)?.place;
  }
}

type Row = { user: typeof users.$inferSelect; invitationExpiresAt: Date | null };

function cells({ user, invitationExpiresAt }: Row, now: Date): string[] {
  const expired = user.status === 'invited' && (invitationExpiresAt === null || invitationExpiresAt <= now);
  return [
    user.email,
    user.firstName,
    user.lastName,
    expired ? 'invitation expired' : user.status,
    invitationExpiresAt?.toISOString() ?? '',
    yes(user.mfaEnabled),
    yes(user.samlEnabled),
    yes(user.role === 'tenant_admin'),
    ROLE_NAMES[user.role],
    user.lastLoginAt?.toISOString() ?? '',
    user.lastLoginMethod ?? '',
    user.id,
  ];
}

const yes = (value: boolean) => (value ? 'yes' : 'no');
