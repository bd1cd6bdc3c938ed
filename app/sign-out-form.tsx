import { Button } from '@/components/ui/button';
import { signOutAction } from './session-actions';

/** On each page of somebody signed in that has no account menu. */
export const SignOutForm = () => (
  <form action={signOutAction}>
    <Button type="submit" variant="quiet">
      Sign out
    </Button>
  </form>
);
