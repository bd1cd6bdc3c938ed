import { Button } from '@/components/ui/button';
import { signOutAction } from './session-actions';

/** On each page of somebody signed in, or half so, that has no account menu. */
export const SignOutForm = ({ label = 'Sign out' }: { label?: string }) => (
  <form action={signOutAction}>
    <Button type="submit" variant="quiet">
      {label}
    </Button>
  </form>
);
