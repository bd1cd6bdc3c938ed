'use client';

import { CopyField } from '@/components/copy-field';
import { Field, RadioGroupField } from '@/components/form/field';
import { Form, Submit, useFormState } from '@/components/form/form';
import type { FormAction } from '@/components/form/form-state';
import { ButtonLink } from '@/components/ui/button';
import { SCIM_PATH } from './scim-path';

/** The token is only in this one response; a reload shows the form again. */
export function NewTokenForm({ action }: { action: FormAction }) {
  return (
    <Form action={action} whenDone={<Shown />}>
      <Field name="name" label="Name of a new token" hint="Such as that of the identity provider that will carry it." />
      <RadioGroupField
        name="expires"
        legend="Valid for"
        defaultValue="365"
        options={[
          { value: '90', label: '90 days' },
          { value: '365', label: 'A year' },
          { value: 'never', label: 'Until it is revoked' },
        ]}
      />
      <div className="form-actions">
        <Submit>Make token</Submit>
      </div>
    </Form>
  );
}

function Shown() {
  const state = useFormState();
  const token = state.status === 'done' ? state.values?.shown : undefined;
  return token ? (
    <>
      <CopyField label="Token" value={token} />
      <div className="form-actions">
        <ButtonLink href={SCIM_PATH}>I have copied it</ButtonLink>
      </div>
    </>
  ) : null;
}
