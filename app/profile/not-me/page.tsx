import type { Metadata } from 'next';
import { keyWords } from '@/app/administration/access/users/[userId]/consequence-words';
import { ConsequencePage } from '@/app/consequence-page';
import { SignedInShell } from '@/app/signed-in-shell';
import { requireSession } from '@/lib/auth/current-actor';
import { listFactors } from '@/lib/mfa/factors';
import { findTenant } from '@/lib/tenants/find';
import { countKeys, countSessions } from '@/lib/users/consequences';
import { findUser } from '@/lib/users/find';
import { mayProvePassword } from '@/lib/users/password-allowed';
import { reportStolenAction } from '../actions';

export const metadata: Metadata = { title: 'This was not me' };

export default async function NotMePage() {
  const session = await requireSession();
  const whose = { id: session.userId, tenantId: session.tenantId };
  const [sessions, keys, { passkeys, totp }, user, { saml }] = await Promise.all([
    countSessions(whose.tenantId, [whose.id]),
    countKeys(whose.tenantId, [whose.id]),
    listFactors(whose),
    findUser(whose.tenantId, whose.id),
    findTenant(whose.tenantId),
  ]);
  const isMailed = user?.passwordHash != null && (await mayProvePassword(user, saml));
  const factors = [...(totp ? ['the authenticator app'] : []), ...passkeys.map(({ name }) => `the passkey “${name}”`)];
  return (
    <SignedInShell session={session}>
      <ConsequencePage
        title="This was not me"
        description="Somebody else may sign in as you, or use a browser in which you are signed in."
        back={{ href: '/profile', label: 'Profile' }}
        consequences={[
          `${sessions === 1 ? 'This session ends' : `All your ${sessions} sessions end, this one too,`} at once.`,
          ...keyWords(keys),
          ...(user?.passwordHash ? ['Your password opens nothing any more.'] : []),
          isMailed
            ? `A link to set a new one goes to ${session.email}.`
            : 'You sign in by your identity provider: change what you sign in with there.',
          ...(factors.length > 0
            ? [
                `What you set up as a second factor stays: ${factors.join(', ')}. If one of these is not yours, remove it first.`,
              ]
            : []),
        ]}
        action={reportStolenAction}
        button={isMailed ? 'End everything and send me the link' : 'End everything'}
      />
    </SignedInShell>
  );
}
