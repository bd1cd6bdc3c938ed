import type { Metadata } from 'next';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { BATCH_MOST } from '@/lib/invitations/parse-batch';
import { USERS_PATH } from '../search-params';
import { ImportForm } from './import-form';

export const metadata: Metadata = { title: 'Invite many' };

export default async function ImportPage() {
  await requireSession('tenant_admin');
  return (
    <>
      <PageHeader
        title="Invite many"
        description="Each row gets a verdict before anything is sent."
        back={{ href: USERS_PATH, label: 'Users' }}
      />
      <ImportForm back={USERS_PATH} most={BATCH_MOST} />
    </>
  );
}
