import type { ReactNode } from 'react';
import { SideNav } from '@/components/ui/nav';

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

export default function AccessLayout({ children }: { children: ReactNode }) {
  return (
    <div className="access-layout">
      <SideNav label="Access" items={PAGES} />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
