import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { SignedInShell } from '@/app/signed-in-shell';
import { Form, Submit } from '@/components/form/form';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { listFactors, passkeyName, TOTP_NAME } from '@/lib/mfa/factors';
import { findTenant } from '@/lib/tenants/find';
import { countSessions } from '@/lib/users/consequences';
import { REFUSALS } from '@/lib/users/refusals';
import { removeFactorAction } from '../actions';

export const metadata: Metadata = { title: 'Remove a second factor' };

type Props = { searchParams: Promise<{ factor?: string | string[] }> };

export default async function RemoveFactorPage({ searchParams }: Props) {
  const session = await requireSession();
  const { factor } = await searchParams;
  const { totp, passkeys } = await listFactors({ id: session.userId, tenantId: session.tenantId });
  const key = passkeys.find(({ id }) => id === factor);
  const name = key ? passkeyName(key.name) : factor === 'totp' && totp ? TOTP_NAME : null;
  if (name === null) notFound();
  const isLast = passkeys.length + (totp ? 1 : 0) === 1;
  const { mfaRequiredSince } = await findTenant(session.tenantId);
  const others = (await countSessions(session.tenantId, [session.userId])) - 1;
  return (
    <SignedInShell session={session}>
      <PageHeader title="Remove a second factor" description={name} back={{ href: '/profile', label: 'Profile' }} />
      <Card>
        <ul className="consequences">
          <li>{name} does not work any more.</li>
          <li>
            {others === 0
              ? 'You are signed in nowhere else.'
              : `${others} other ${others === 1 ? 'session ends' : 'sessions end'} at once.`}
          </li>
          {isLast && (
            <li>It is your last one: your recovery codes go with it, and your password alone signs you in.</li>
          )}
        </ul>
        {isLast && mfaRequiredSince ? (
          <>
            <Notice tone="warn">{REFUSALS['factor-needed']}</Notice>
            <ButtonLink href="/profile">Back</ButtonLink>
          </>
        ) : (
          <Form action={removeFactorAction}>
            <input type="hidden" name="factor" value={factor} />
            <div className="form-actions">
              <Submit variant="danger">Remove</Submit>
              <ButtonLink href="/profile">Cancel</ButtonLink>
            </div>
          </Form>
        )}
      </Card>
    </SignedInShell>
  );
}
