import type { ReactNode } from 'react';
import { SignedInShell } from '@/app/signed-in-shell';
import { Tabs } from '@/components/ui/nav';
import { requireSession } from '@/lib/auth/current-actor';

export default async function AdministrationLayout({ children }: { children: ReactNode }) {
  const session = await requireSession('tenant_admin');
  return (
    <SignedInShell session={session}>
      <Tabs
        label="Administration"
        items={[{ href: '/administration/access/users', label: 'Access', within: '/administration/access' }]}
      />
      {children}
    </SignedInShell>
  );
}
