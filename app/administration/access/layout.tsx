import type { ReactNode } from 'react';
import { SideNav } from '@/components/ui/nav';

/** An entry appears when its page exists. */
const PAGES = [{ href: '/administration/access/users', label: 'Users', current: true }];

export default function AccessLayout({ children }: { children: ReactNode }) {
  return (
    <div className="access-layout">
      <SideNav label="Access" items={PAGES} />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
