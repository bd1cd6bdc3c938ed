import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { ConsequencePage } from '@/app/consequence-page';
import { readerTimeZone } from '@/app/reader';
import { Time } from '@/components/time';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { listTokens, standingOf } from '@/lib/scim/tokens';
import { revokeTokenAction } from '../../../actions';
import { SCIM_PATH } from '../../../scim-path';

export const metadata: Metadata = { title: 'Revoke a token' };

export default async function RevokeTokenPage({ params }: { params: Promise<{ tokenId: string }> }) {
  const { tenantId } = await requireSession('tenant_admin');
  const { tokenId } = await params;
  const now = new Date();
  const tokens = await listTokens(tenantId);
  const token = tokens.find(({ id }) => id === tokenId);
  if (!token || standingOf(token, now) === 'revoked') notFound();
  const isOver = standingOf(token, now) !== 'live';
  const others = tokens.filter((each) => each !== token && standingOf(each, now) === 'live').length;
  const timeZone = await readerTimeZone();
  return (
    <ConsequencePage
      title={`Revoke the token “${token.name}”?`}
      back={{ href: SCIM_PATH, label: 'SCIM Provisioning' }}
      consequences={[
        'Its next request is refused. The people it manages stay as they are.',
        token.lastUsedAt ? (
          <>
            It was last used <Time at={token.lastUsedAt} now={now} timeZone={timeZone} style="relative" />.
          </>
        ) : (
          'It was never used.'
        ),
        isOver
          ? 'It has run out: nobody gets in by it any more, and its name is free again once it is revoked.'
          : others === 0
            ? 'It is the only live token: provisioning stops until you make another.'
            : `${counted(others, 'other live token remains', 'other live tokens remain')}.`,
      ]}
      action={revokeTokenAction}
      button="Revoke"
    >
      <input type="hidden" name="tokenId" value={token.id} />
    </ConsequencePage>
  );
}
