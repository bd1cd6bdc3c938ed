'use client';

import { useFormState } from '@/components/form/form';
import { TickField } from '@/components/form/tick-field';

/** Shown with a doubt about who was entered, to send it all the same. */
export function Sure() {
  const state = useFormState();
  return state.status === 'refused' && state.fields?.sure ? (
    <TickField name="sure" label="Send it all the same" defaultChecked={false} />
  ) : null;
}
