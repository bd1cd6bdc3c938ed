import { Button, ButtonLink } from '@/components/ui/button';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';

type Props = { href: string; label: string; refusal: Refusal | null; variant?: 'secondary' | 'danger' };

/** A link to the page with the consequences of a command, or a disabled button that says why it is refused. */
export function DeedLink({ href, label, refusal, variant = 'secondary' }: Props) {
  if (!refusal) {
    return (
      <ButtonLink href={href} variant={variant}>
        {label}
      </ButtonLink>
    );
  }
  return (
    <Button type="button" variant={variant} disabledReason={REFUSALS[refusal]}>
      {label}
    </Button>
  );
}
