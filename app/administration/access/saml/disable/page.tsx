import { redirect } from 'next/navigation';
import { ConsequencePage } from '@/app/consequence-page';
import { db } from '@/db/client';
import { requireSession } from '@/lib/auth/current-actor';
import { foreseeMode, losesAdmins } from '@/lib/saml/mode';
import { findTenant } from '@/lib/tenants/find';
import { disableAction } from '../actions';
import { offWords } from '../off-words';
import { SAML_PATH } from '../saml-path';

export const metadata = { title: 'Disable SAML' };

export default async function DisablePage() {
  const { tenantId } = await requireSession('tenant_admin');
  if ((await findTenant(tenantId)).saml === 'off') redirect(SAML_PATH);
  const refusal = (await losesAdmins(db, tenantId, 'off')) ? 'no-admin-left' : null;
  const consequences = [
    ...offWords(await foreseeMode(tenantId)),
    'Metadata, settings and links stay, for when it is enabled again.',
  ];
  return (
    <ConsequencePage
      back={{ href: SAML_PATH, label: 'SAML Setup' }}
      title="Disable sign-in by SAML"
      consequences={consequences}
      refusal={refusal}
      action={disableAction}
      button="Disable"
    />
  );
}
