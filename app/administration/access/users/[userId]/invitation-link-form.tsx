'use client';

import { CopyField } from '@/components/copy-field';
import { FormNotice, unheard } from '@/components/form/form';
import { type FormAction, idle } from '@/components/form/form-state';
import { useAnswer } from '@/components/form/use-answer';
import { Button } from '@/components/ui/button';

type Props = { action: FormAction; userId: string };

/** The page contains the link only after a request for it, which writes an audit entry. */
export function InvitationLinkForm({ action, userId }: Props) {
  const [state, submit] = useAnswer(action, idle, unheard);
  const url = state.status === 'done' ? state.values?.url : undefined;
  if (state.status === 'done' && url) {
    return (
      <div className="stack">
        <FormNotice state={state} />
        <CopyField label="Invitation link" value={url} />
      </div>
    );
  }
  return (
    <form action={submit}>
      <FormNotice state={state} />
      <input type="hidden" name="userId" value={userId} />
      <Button type="submit" variant="quiet">
        Show the link to copy it
      </Button>
    </form>
  );
}
