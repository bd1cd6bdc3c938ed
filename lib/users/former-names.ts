import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '@/db/client';
import { samlLinks } from '@/db/schema/saml';
import type { User } from '@/db/schema/users';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';

type Named = Pick<User, 'email' | 'scimUserName'>;
const keysOf = ({ email, scimUserName }: Named) =>
  [email, scimUserName ?? email].map((name) => name.toLowerCase()).filter((name) => name.includes('@'));

/**
 * A NameID that is an address belongs to that address's holder. When the provider renames somebody by SCIM, links by the former
 * address are deleted: they would sign in whoever gets that address next. Other NameIDs stay.
 */
export async function unlinkFormerNames(tx: Tx, now: Date, actor: Actor, before: User, after: Named): Promise<void> {
  const kept = keysOf(after);
  const former = keysOf(before).filter((name) => !kept.includes(name));
  if (former.length === 0) return;
  const gone = await tx
    .delete(samlLinks)
    .where(
      and(eq(samlLinks.tenantId, before.tenantId), eq(samlLinks.userId, before.id), inArray(samlLinks.nameId, former)),
    )
    .returning({ nameId: samlLinks.nameId });
  if (gone.length === 0) return;
  const details = { nameIds: gone.map(({ nameId }) => nameId), sessionsEnded: 0 };
  await record(tx, now, actor, 'saml.unlinked', before, details);
}
