import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { ownPath } from '@/app/own-path';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';
import { currentSession } from '@/lib/auth/current-actor';
import { loginPathOf } from '@/lib/saml/addresses';
import { findConnectionBySlug } from '@/lib/saml/connection';

export const metadata: Metadata = { title: 'Sign in' };

type Props = { params: Promise<{ tenant: string }>; searchParams: Promise<{ next?: string | string[] }> };

/** Shows the provider's host before the redirect: any tenant may claim a domain, so the person should see where they go. */
export default async function TenantSignInPage({ params, searchParams }: Props) {
  const { tenant: slug } = await params;
  const next = ownPath((await searchParams).next, '/');
  const found = await findConnectionBySlug(slug);
  const session = await currentSession();
  if (session?.standing === 'open' && session.tenantId === found?.tenant.id) redirect(next);
  if (!found || found.tenant.saml === 'off')
    return (
      <PublicShell title="Sign in" text="At this address nobody signs in by an identity provider.">
        <ButtonLink href={`/sign-in?next=${encodeURIComponent(next)}`}>Sign in by password</ButtonLink>
      </PublicShell>
    );
  return (
    <PublicShell
      title={`Sign in to ${found.tenant.name}`}
      text={`You sign in at ${new URL(found.connection.ssoUrl).host}, and come back here.`}
    >
      {session && (
        <Notice tone="info">
          You are signed in to {session.tenantName} as {session.email}. That session ends.
        </Notice>
      )}
      {/* A plain link: it leads to another site. */}
      <a className="button" data-variant="primary" href={loginPathOf(slug, next)}>
        Continue with SSO
      </a>
      <ButtonLink href={`/sign-in?next=${encodeURIComponent(next)}`} variant="quiet">
        Sign in by password
      </ButtonLink>
    </PublicShell>
  );
}
