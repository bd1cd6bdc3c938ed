import type { Metadata } from 'next';
import { confirmFirst } from '@/app/confirm-first';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { SAML_PATH } from '../saml-path';
import { MetadataForm } from './metadata-form';

export const metadata: Metadata = { title: 'Metadata' };

export default async function MetadataPage() {
  await confirmFirst(await requireSession('tenant_admin'), `${SAML_PATH}/metadata`);
  return (
    <div className="narrow">
      <PageHeader
        title="Metadata of your identity provider"
        description="Nothing is saved before you have seen what it says."
        back={{ href: SAML_PATH, label: 'SAML Setup' }}
      />
      <MetadataForm back={SAML_PATH} />
    </div>
  );
}
