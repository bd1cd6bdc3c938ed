import type { Metadata } from 'next';
import { readerTimeZone } from '@/app/reader';
import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { listKeys } from '@/lib/api-keys/find';
import { requireSession } from '@/lib/auth/current-actor';
import { Done } from '../done';
import { KeysTable } from './keys-table';
import { KEYS_PATH } from './path';

export const metadata: Metadata = { title: 'API Keys' };

export default async function ApiKeysPage({ searchParams }: { searchParams: Promise<{ done?: string | string[] }> }) {
  const { tenantId } = await requireSession('tenant_admin');
  const keys = await listKeys(tenantId);
  return (
    <>
      <PageHeader
        title="API Keys"
        description="A key acts for the person who made it, with what they may do at that moment, and ends with their access."
        actions={
          <>
            <ButtonLink href={`${KEYS_PATH}/reference`}>Reference</ButtonLink>
            <ButtonLink href={`${KEYS_PATH}/new`} variant="primary">
              Create API Key
            </ButtonLink>
          </>
        }
      />
      <Done tenantId={tenantId} given={(await searchParams).done} actions="api-key.revoked" />
      {keys.length === 0 ? (
        <EmptyState title="No API keys yet" text="A key lets a program do by /api/v1 what you can do on these pages." />
      ) : (
        <KeysTable keys={keys} now={new Date()} timeZone={await readerTimeZone()} />
      )}
    </>
  );
}
