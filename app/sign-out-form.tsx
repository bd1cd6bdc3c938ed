import { Button } from '@/components/ui/button';
import { signOutAction } from './session-actions';

/** For pages without an account menu whose visitor has a session, open or not yet. */
export const SignOutForm = ({ label = 'Sign out' }: { label?: string }) => (
  <form action={signOutAction}>
    <Button type="submit" variant="quiet">
      {label}
    </Button>
  </form>
);
