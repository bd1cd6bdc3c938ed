import { and, asc, eq, getTableColumns } from 'drizzle-orm';
import { db } from '@/db/client';
import { invitations } from '@/db/schema/invitations';
import { mails } from '@/db/schema/mails';
import { users } from '@/db/schema/users';
import { resendInvitation, revokeInvitation, showInvitationLink } from '@/lib/invitations/handle';
import { invite } from '@/lib/invitations/invite';
import { firstNameField, lastNameField, roleField } from '@/lib/users/fields';
import { openInvitation } from '@/lib/users/list';
import {
  type Command,
  command,
  NAMES,
  ofPerson,
  ofTenant,
  operator,
  PERSON,
  personOf,
  TENANT,
  tenantOf,
  unwrap,
} from './command';

const invitation = ofPerson.extend({
  firstName: firstNameField.default(''),
  lastName: lastNameField.default(''),
  role: roleField.optional(),
});

export const invitationCommands: Record<string, Command> = {
  create: command(
    'invites by e-mail; the running product sends the mail',
    {
      ...PERSON,
      ...NAMES,
      role: { value: 'ROLE', help: 'tenant_admin or standard_user; unless said, standard_user or what they are' },
    },
    invitation,
    async ({ tenant, role = null, ...invitee }) => {
      const { id } = await tenantOf(tenant);
      const { userId, expiresAt, again } = unwrap(await invite(operator(id), { ...invitee, role }));
      return { userId, email: invitee.email, expiresAt, again };
    },
  ),
  list: command('lists the open invitations, expired ones too', TENANT, ofTenant, async ({ tenant }) => {
    const { id } = await tenantOf(tenant);
    const { createdAt, expiresAt } = getTableColumns(invitations);
    return db
      .select({
        email: users.email,
        role: users.role,
        createdAt,
        expiresAt,
        mail: mails.status,
        mailServer: mails.lastResponse,
      })
      .from(users)
      .innerJoin(invitations, openInvitation())
      .leftJoin(mails, and(eq(mails.tenantId, invitations.tenantId), eq(mails.id, invitations.mailId)))
      .where(eq(users.tenantId, id))
      .orderBy(asc(users.emailKey));
  }),
  resend: command('sends a new link; the old one dies', PERSON, ofPerson, async (input) => {
    const user = await personOf(input);
    const { expiresAt } = unwrap(await resendInvitation(operator(user.tenantId), { userId: user.id }));
    return { email: user.email, expiresAt };
  }),
  revoke: command('kills the open link', PERSON, ofPerson, async (input) => {
    const user = await personOf(input);
    unwrap(await revokeInvitation(operator(user.tenantId), { userId: user.id }));
    return { email: user.email };
  }),
  link: command('prints the open link', PERSON, ofPerson, async (input) => {
    const user = await personOf(input);
    return { email: user.email, ...unwrap(await showInvitationLink(operator(user.tenantId), { userId: user.id })) };
  }),
};
