import { signOutAction } from '@/app/session-actions';
import { Button } from '@/components/ui/button';

/** The way out of a sign-in that is half done. */
export const SomebodyElse = () => (
  <form action={signOutAction}>
    <Button type="submit" variant="quiet">
      Sign in as somebody else
    </Button>
  </form>
);
