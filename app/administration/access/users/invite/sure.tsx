'use client';

import { useFormState } from '@/components/form/form';
import { TickField } from '@/components/form/tick-field';

/** The checkbox that appears with a doubt about the entry, to send the invitation anyway. */
export function Sure() {
  const state = useFormState();
  return state.status === 'refused' && state.fields?.sure ? (
    <TickField name="sure" label="Send it all the same" defaultChecked={false} />
  ) : null;
}
