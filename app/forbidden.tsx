import { EmptyState } from '@/components/ui/empty-state';

/**
 * Shown only if the role is lost between the gate and the page; otherwise the gate answers with its own page (proxy.ts).
 * Without this file and `unauthorized.tsx` the framework adds default pages to every document, whose inline styles violate
 * our content security policy.
 */
export default function Forbidden() {
  return <EmptyState title="This is for Tenant Admins" text="You are signed in as a Standard User." />;
}
