import { and, eq } from 'drizzle-orm';
import { samlLinks } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import type { Actor } from '@/lib/actor';
import { record } from '@/lib/audit/record';
import { done, refuse } from '@/lib/outcome';
import { endSessionsWhere } from '@/lib/sessions/revoke';
import { deedOnUser } from '@/lib/users/deed';

/** Forgets by which NameID a provider knows the person: their next sign-in connects them anew, by the address. */
export const unlinkIdentity = (actor: Actor, input: { userId: string }) =>
  deedOnUser(actor, input.userId, async (tx, now, user) => {
    const gone = await tx
      .delete(samlLinks)
      .where(and(eq(samlLinks.tenantId, user.tenantId), eq(samlLinks.userId, user.id)))
      .returning({ nameId: samlLinks.nameId });
    if (gone.length === 0) return refuse('no-link');
    const opened = and(eq(sessions.tenantId, user.tenantId), eq(sessions.userId, user.id), eq(sessions.method, 'saml'));
    const sessionsEnded = await endSessionsWhere(tx, now, opened, 'saml-off');
    const details = { nameIds: gone.map(({ nameId }) => nameId), sessionsEnded };
    const auditId = await record(tx, now, actor, 'saml.unlinked', user, details);
    return done({ auditId, sessionsEnded });
  });
