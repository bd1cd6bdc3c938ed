'use client';

import { useActionState } from 'react';
import { CopyField } from '@/components/copy-field';
import { type FormAction, idle } from '@/components/form/form-state';
import { Button } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

type Props = { action: FormAction; userId: string };

/** The link is not in the page until it is asked for: asking leaves an entry. */
export function InvitationLinkForm({ action, userId }: Props) {
  const [state, submit] = useActionState(action, idle);
  const url = state.status === 'done' ? state.values?.url : undefined;
  if (state.status === 'done' && url) {
    return (
      <div className="stack">
        <CopyField label="Invitation link" value={url} />
        <small className="text-muted">{state.message}</small>
      </div>
    );
  }
  return (
    <form action={submit}>
      {state.status === 'refused' && <Notice tone="danger">{state.message}</Notice>}
      <input type="hidden" name="userId" value={userId} />
      <Button type="submit" variant="quiet">
        Show the link to copy it
      </Button>
    </form>
  );
}
