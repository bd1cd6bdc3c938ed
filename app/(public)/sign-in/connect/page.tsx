import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { ownPath } from '@/app/own-path';
import { SignOutForm } from '@/app/sign-out-form';
import { PublicShell } from '@/components/ui/app-shell';
import { requireStanding } from '@/lib/auth/current-actor';
import { loginPathOf } from '@/lib/saml/addresses';
import { findConnection } from '@/lib/saml/connection';
import { findTenant } from '@/lib/tenants/find';

export const metadata: Metadata = { title: 'Connect with your identity provider' };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

/** If SAML is required, an admin's password only opens this page, which connects them with the provider for future sign-ins. */
export default async function ConnectPage({ searchParams }: Props) {
  const next = ownPath((await searchParams).next, '/');
  const { tenantId, tenantName, email } = await requireStanding(['connect'], next);
  const [{ slug }, connection] = await Promise.all([findTenant(tenantId), findConnection(tenantId)]);
  if (!connection) redirect('/sign-in');
  return (
    <PublicShell
      title="Connect with your identity provider"
      text={`${tenantName} requires that you sign in by it. Sign in at ${new URL(connection.ssoUrl).host} now: from then on it signs you in as ${email}, and your password is not asked for any more.`}
    >
      {/* A plain link: it leads to another site. */}
      <a className="button" data-variant="primary" href={loginPathOf(slug, next)}>
        Continue with SSO
      </a>
      <SignOutForm label="Sign in as somebody else" />
    </PublicShell>
  );
}
