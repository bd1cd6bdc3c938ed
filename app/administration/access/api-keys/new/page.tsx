import type { Metadata } from 'next';
import { confirmFirst } from '@/app/confirm-first';
import { Field, RadioGroupField } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { createKeyAction } from '../actions';
import { KEYS_PATH } from '../path';
import { NewKey } from './new-key';

export const metadata: Metadata = { title: 'Create API Key' };

export default async function NewKeyPage() {
  await confirmFirst(await requireSession('tenant_admin'), `${KEYS_PATH}/new`);
  return (
    <>
      <PageHeader
        title="Create API Key"
        description="Whoever holds it can do by the API what you can do here, for as long as you can."
        back={{ href: KEYS_PATH, label: 'API Keys' }}
      />
      <Card>
        <Form
          action={createKeyAction}
          whenDone={
            <>
              <NewKey />
              <div className="form-actions">
                <ButtonLink href={KEYS_PATH}>I have copied it</ButtonLink>
              </div>
            </>
          }
        >
          <Field
            name="name"
            label="Name"
            hint="What it is for, such as “Nightly report”."
            autoComplete="off"
            required
          />
          <RadioGroupField
            name="days"
            legend="Expiration"
            defaultValue="90"
            options={[
              { value: '30', label: 'In 30 days' },
              { value: '90', label: 'In 90 days' },
              { value: '365', label: 'In a year' },
              { value: 'never', label: 'Never', hint: 'It still ends with your access, or when an admin revokes it.' },
            ]}
          />
          <div className="form-actions">
            <Submit>Create</Submit>
            <ButtonLink href={KEYS_PATH}>Cancel</ButtonLink>
          </div>
        </Form>
      </Card>
    </>
  );
}
