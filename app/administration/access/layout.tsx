import type { ReactNode } from 'react';
import { SideNav } from '@/components/ui/nav';
import { requireSession } from '@/lib/auth/current-actor';
import { passageNow } from '@/lib/sessions/passage';
import { findWaysIn, waysInAt } from '@/lib/users/ways-in';
import { LockOutMeter } from './lock-out-meter';

const ACCESS = '/administration/access';

/** In the order in which they are shown. An entry appears when its page exists. */
const PAGES = [
  { href: `${ACCESS}/users`, label: 'Users' },
  { href: `${ACCESS}/api-keys`, label: 'API Keys' },
  { href: `${ACCESS}/saml`, label: 'SAML Setup' },
  { href: `${ACCESS}/scim`, label: 'SCIM Provisioning' },
  { href: `${ACCESS}/audit-log`, label: 'Audit Log' },
  { href: `${ACCESS}/security`, label: 'Security' },
];

export default async function AccessLayout({ children }: { children: ReactNode }) {
  const { tenantId } = await requireSession('tenant_admin');
  // What the gate has read for this very page. An action reads for itself: it may have changed what it read before.
  const gate = passageNow()?.session?.found;
  const ways = gate ? await waysInAt(tenantId, gate.listChanges) : await findWaysIn(tenantId);
  return (
    <div className="access-layout">
      <div>
        <SideNav label="Access" items={PAGES} />
        <LockOutMeter ways={ways} />
      </div>
      <div className="min-w-0">{children}</div>
    </div>
  );
}
