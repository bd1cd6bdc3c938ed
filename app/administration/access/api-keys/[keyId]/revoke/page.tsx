import { notFound } from 'next/navigation';
import { readerTimeZone } from '@/app/reader';
import { Form, Submit } from '@/components/form/form';
import { Time } from '@/components/time';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
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
    <>
      <PageHeader
        title={`Revoke “${key.name}”?`}
        description={`${key.hint}, made by ${key.creatorName ?? key.creatorEmail}`}
        back={{ href: KEYS_PATH, label: 'API Keys' }}
      />
      <Card>
        <ul className="consequences">
          <li>Its next request is refused. Whatever still uses it stops working.</li>
          <li>
            {key.lastUsedAt ? (
              <>
                It was last used <Time at={key.lastUsedAt} {...times} />.
              </>
            ) : (
              'It was never used.'
            )}
          </li>
          <li>It cannot be brought back; a new key has to be made.</li>
        </ul>
        <Form action={revokeKeyAction}>
          <input type="hidden" name="keyId" value={key.id} />
          <div className="form-actions">
            <Submit variant="danger">Revoke</Submit>
            <ButtonLink href={KEYS_PATH}>Cancel</ButtonLink>
          </div>
        </Form>
      </Card>
    </>
  );
}
