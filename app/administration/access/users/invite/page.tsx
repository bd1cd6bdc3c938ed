import type { Metadata } from 'next';
import { confirmPath } from '@/app/own-path';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { findTenant } from '@/lib/tenants/find';
import { isRecentProof } from '@/lib/users/own-deed';
import { RoleField } from '../role-field';
import { USERS_PATH } from '../view';
import { inviteAction } from './actions';
import { Sure } from './sure';

export const metadata: Metadata = { title: 'Invite User' };

export default async function InvitePage() {
  const session = await requireSession('tenant_admin');
  const { invitationHours } = await findTenant(session.tenantId);
  return (
    <div className="narrow">
      <PageHeader
        title="Invite User"
        description={`They get a mail with a link that works once, for ${counted(invitationHours, 'hour')}.`}
        back={{ href: USERS_PATH, label: 'Users' }}
      />
      <Card>
        <Form action={inviteAction}>
          <Field name="email" label="E-mail" type="email" autoComplete="off" required />
          <div className="field-pair">
            <Field
              name="firstName"
              label="First name"
              hint="Optional: they can fill it in themselves."
              autoComplete="off"
            />
            <Field name="lastName" label="Last name" hint="Optional." autoComplete="off" />
          </div>
          <RoleField
            value="standard_user"
            confirm={isRecentProof(session.authenticatedAt) ? null : confirmPath(`${USERS_PATH}/invite`)}
          />
          <Sure />
          <div className="form-actions">
            <Submit>Send the invitation</Submit>
            <ButtonLink href={USERS_PATH}>Cancel</ButtonLink>
          </div>
        </Form>
      </Card>
    </div>
  );
}
