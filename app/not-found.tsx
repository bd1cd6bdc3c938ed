import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';

export default function NotFound() {
  return (
    <EmptyState
      title="Page not found"
      text="There is nothing at this address."
      action={<ButtonLink href="/">To the start page</ButtonLink>}
    />
  );
}
