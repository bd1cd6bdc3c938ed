import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';

export default function NotFound() {
  return (
    <PublicShell title="Page not found" text="There is nothing at this address.">
      <ButtonLink href="/">Go to the start page</ButtonLink>
    </PublicShell>
  );
}
