import type { Metadata } from 'next';
import { Field, RadioGroupField, TextAreaField } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { Card, CardHeader } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { MOST_HOURS } from '@/db/schema/tenants';
import { requireSession } from '@/lib/auth/current-actor';
import { findTenant } from '@/lib/tenants/find';
import { settingsOf } from '@/lib/users/security-settings';
import { Done } from '../done';
import { reviewSettingsAction } from './actions';
import { settingsParams } from './settings-input';

export const metadata: Metadata = { title: 'Security' };

type Props = { searchParams: Promise<{ done?: string | string[] }> };

export default async function SecurityPage({ searchParams }: Props) {
  const { tenantId, tenantName } = await requireSession('tenant_admin');
  const now = settingsParams(settingsOf(await findTenant(tenantId)));
  return (
    <div className="narrow">
      <PageHeader title="Security" description={`What ${tenantName} requires of its people.`} />
      <Done tenantId={tenantId} given={(await searchParams).done} actions="tenant.security-changed" />
      <Form action={reviewSettingsAction}>
        <Card>
          <CardHeader title="Second factor" />
          <RadioGroupField
            name="mfaRequired"
            legend="Signing in by password"
            defaultValue={now.mfaRequired ?? 'no'}
            options={[
              { value: 'no', label: 'A second factor is each person’s choice' },
              {
                value: 'yes',
                label: 'A second factor is required',
                hint: 'Whoever has none sets one up at the next sign-in. People who sign in by SAML prove theirs there.',
              },
            ]}
          />
        </Card>
        <Card>
          <CardHeader title="Sessions" description="In hours. Whichever comes first ends a session." />
          <div className="field-pair">
            <Field
              name="sessionIdleHours"
              label="Without use"
              inputMode="numeric"
              defaultValue={now.sessionIdleHours ?? ''}
              required
            />
            <Field
              name="sessionAbsoluteHours"
              label="At the longest"
              inputMode="numeric"
              defaultValue={now.sessionAbsoluteHours ?? ''}
              required
            />
          </div>
        </Card>
        <Card>
          <CardHeader title="Invitations" />
          <Field
            name="invitationHours"
            label="Valid for, in hours"
            hint={`From 1 to ${MOST_HOURS}, which is ${MOST_HOURS / 24} days. Invitations that are open keep the expiry they have.`}
            inputMode="numeric"
            defaultValue={now.invitationHours ?? ''}
            required
          />
          <TextAreaField
            name="invitationDomains"
            label="Only to these domains"
            hint="One in each line. Empty: to any. People who are here already stay."
            rows={4}
            defaultValue={now.invitationDomains?.replaceAll(' ', '\n') ?? ''}
            spellCheck={false}
          />
        </Card>
        <div className="form-actions">
          <Submit>Review the change</Submit>
        </div>
      </Form>
    </div>
  );
}
