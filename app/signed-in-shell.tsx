import type { ReactNode } from 'react';
import { AppShell } from '@/components/ui/app-shell';
import type { LiveSession } from '@/lib/sessions/find';
import { signOutAction } from './session-actions';

type Props = { session: LiveSession; children: ReactNode };

/** The frame of every signed-in page: the gear for admins, the account menu, the sign-out. */
export function SignedInShell({ session, children }: Props) {
  return (
    <AppShell
      tenantName={session.tenantName}
      user={{ name: `${session.firstName} ${session.lastName}`.trim() || session.email, email: session.email }}
      administrationHref={session.role === 'tenant_admin' ? '/administration/access/users' : undefined}
      signOut={
        <form action={signOutAction}>
          <button type="submit">Sign out</button>
        </form>
      }
    >
      {children}
    </AppShell>
  );
}
