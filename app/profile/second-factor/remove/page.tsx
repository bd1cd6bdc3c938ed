import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { ConsequencePage } from '@/app/consequence-page';
import { SignedInShell } from '@/app/signed-in-shell';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { listFactors, passkeyName, TOTP_NAME } from '@/lib/mfa/factors';
import { findTenant } from '@/lib/tenants/find';
import { countSessions } from '@/lib/users/consequences';
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
      <ConsequencePage
        title="Remove a second factor"
        description={name}
        back={{ href: '/profile', label: 'Profile' }}
        consequences={[
          `${name} does not work any more.`,
          others === 0
            ? 'You are signed in nowhere else.'
            : `${counted(others, 'other session ends', 'other sessions end')} at once.`,
          ...(isLast
            ? ['It is your last one: your recovery codes go with it, and your password alone signs you in.']
            : []),
        ]}
        refusal={isLast && mfaRequiredSince ? 'factor-needed' : null}
        action={removeFactorAction}
        button="Remove"
      >
        <input type="hidden" name="factor" value={factor} />
      </ConsequencePage>
    </SignedInShell>
  );
}
