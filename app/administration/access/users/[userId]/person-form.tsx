import type { ReactNode } from 'react';
import { Form, Submit } from '@/components/form/form';
import type { FormAction } from '@/components/form/form-state';
import { Button } from '@/components/ui/button';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';

type Props = {
  action: FormAction;
  userId: string;
  label: string;
  /** The result of the command's own predicate: the button of a command that would fail is disabled and says why. */
  refusal: Refusal | null;
  variant?: 'primary' | 'secondary' | 'danger';
  children?: ReactNode;
};

/** A one-button form for a command on one person that needs no confirmation page. */
export function PersonForm({ action, userId, label, refusal, variant = 'secondary', children }: Props) {
  if (refusal) {
    return (
      <Button type="button" variant={variant} disabledReason={REFUSALS[refusal]}>
        {label}
      </Button>
    );
  }
  return (
    <Form action={action}>
      <input type="hidden" name="userId" value={userId} />
      {children}
      <Submit variant={variant}>{label}</Submit>
    </Form>
  );
}
