import { redirect } from 'next/navigation';
import { ConsequencePage } from '@/app/consequence-page';
import { db } from '@/db/client';
import { requireSession } from '@/lib/auth/current-actor';
import { findConnection } from '@/lib/saml/connection';
import { foreseeMode, losesAdmins } from '@/lib/saml/mode';
import { deleteAction } from '../actions';
import { offWords } from '../off-words';
import { SAML_PATH } from '../saml-path';

export const metadata = { title: 'Delete Connection' };

export default async function DeletePage() {
  const { tenantId } = await requireSession('tenant_admin');
  const connection = await findConnection(tenantId);
  if (!connection) redirect(SAML_PATH);
  const refusal = (await losesAdmins(db, tenantId, 'off')) ? 'no-admin-left' : null;
  const consequences = [
    `Metadata, options, group mapping and flight recorder of ${connection.idpEntityId} are erased. This cannot be undone.`,
    ...offWords(await foreseeMode(tenantId)),
    'Names, addresses and roles that the provider managed are changed here again.',
    'Domains that the operator has verified stay yours; the others are free.',
  ];
  return (
    <ConsequencePage
      back={{ href: SAML_PATH, label: 'SAML Setup' }}
      title="Delete Connection"
      consequences={consequences}
      refusal={refusal}
      action={deleteAction}
      button="Delete Connection"
    />
  );
}
