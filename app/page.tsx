import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { ROLE_NAMES } from '@/lib/actor';
import { requireSession } from '@/lib/auth/current-actor';
import { SignedInShell } from './signed-in-shell';

export default async function StartPage() {
  const session = await requireSession();
  return (
    <SignedInShell session={session}>
      <PageHeader
        title={`Welcome${session.firstName ? `, ${session.firstName}` : ''}`}
        description={`You are signed in to ${session.tenantName} as ${ROLE_NAMES[session.role]}.`}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Card>
          <CardHeader
            title="Your profile"
            description="Your name, your password, and where you are signed in."
            actions={<ButtonLink href="/profile">Open</ButtonLink>}
          />
        </Card>
        {session.role === 'tenant_admin' && (
          <Card>
            <CardHeader
              title="Users"
              description={`Who is in ${session.tenantName}, and who may do what.`}
              actions={<ButtonLink href="/administration/access/users">Open</ButtonLink>}
            />
          </Card>
        )}
      </div>
    </SignedInShell>
  );
}
