import { Button, ButtonLink } from '@/components/ui/button';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';

type Props = { href: string; label: string; refusal: Refusal | null; variant?: 'secondary' | 'danger' };

/** Leads to the page that shows what a deed would do, or says why it cannot be done. */
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
