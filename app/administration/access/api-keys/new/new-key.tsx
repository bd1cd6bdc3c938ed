'use client';

import { CopyField } from '@/components/copy-field';
import { useFormState } from '@/components/form/form';

/** The token, from the answer of the form alone. */
export function NewKey() {
  const state = useFormState();
  return state.status === 'done' ? <CopyField label="API key" value={state.values?.token ?? ''} /> : null;
}
