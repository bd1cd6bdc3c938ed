import { notFound } from 'next/navigation';
import { ConsequencePage } from '@/app/consequence-page';
import { readerTimeZone } from '@/app/reader';
import { Time } from '@/components/time';
import { findListedKey } from '@/lib/api-keys/find';
import { requireSession } from '@/lib/auth/current-actor';
import { revokeKeyAction } from '../../actions';
import { KEYS_PATH } from '../../path';

export const metadata = { title: 'Revoke API Key' };

export default async function RevokeKeyPage({ params }: { params: Promise<{ keyId: string }> }) {
  const { tenantId } = await requireSession('tenant_admin');
  const key = await findListedKey(tenantId, (await params).keyId);
  if (!key) notFound();
  const times = { now: new Date(), timeZone: await readerTimeZone(), style: 'relative' } as const;
  return (
    <ConsequencePage
      title={`Revoke “${key.name}”?`}
      description={`${key.hint}, made by ${key.creatorName ?? key.creatorEmail}`}
      back={{ href: KEYS_PATH, label: 'API Keys' }}
      consequences={[
        'Its next request is refused. Whatever still uses it stops working.',
        key.lastUsedAt ? (
          <>
            It was last used <Time at={key.lastUsedAt} {...times} />.
          </>
        ) : (
          'It was never used.'
        ),
        'It cannot be brought back; a new key has to be made.',
      ]}
      action={revokeKeyAction}
      button="Revoke"
    >
      <input type="hidden" name="keyId" value={key.id} />
    </ConsequencePage>
  );
}
