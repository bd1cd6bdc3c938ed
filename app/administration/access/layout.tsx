import type { ReactNode } from 'react';
import { SideNav } from '@/components/ui/nav';
import { requireSession } from '@/lib/auth/current-actor';
import { passageNow } from '@/lib/sessions/passage';
import { findWaysIn, waysInAt } from '@/lib/users/ways-in';
import { LockOutMeter } from './lock-out-meter';

const ACCESS = '/administration/access';

/** In display order. */
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
  // The gate's session look-up is for this page. Actions have none and query again, since they may have changed the data.
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
