import { EmptyState } from '@/components/ui/empty-state';

/**
 * For a role that is lost between the gate and the page; all others see the gate's own (proxy.ts). Without this file and
 * `unauthorized.tsx` the framework sends pages of its own along with every document, styled against our policy.
 */
export default function Forbidden() {
  return <EmptyState title="This is for Tenant Admins" text="You are signed in as a Standard User." />;
}
