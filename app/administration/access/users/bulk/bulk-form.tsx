'use client';

import { type ReactNode, useActionState } from 'react';
import { FormStateProvider } from '@/components/form/form';
import { type FormState, idle } from '@/components/form/form-state';
import { ButtonLink } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

type Props = { action: (state: FormState, data: FormData) => Promise<FormState>; back: string; children: ReactNode };

/** When it is done, the result takes the place of what was foreseen. */
export function BulkForm({ action, back, children }: Props) {
  const [state, submit] = useActionState(action, idle);
  if (state.status === 'done') return null;
  return <form action={submit}>{children}</form>;
}
