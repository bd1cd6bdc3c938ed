'use client';

import { CopyField } from '@/components/copy-field';
import { useFormState } from '@/components/form/form';

/** Shows the token, which only the form's response contains. */
export function NewKey() {
  const state = useFormState();
  return state.status === 'done' ? <CopyField label="API key" value={state.values?.token ?? ''} /> : null;
}
