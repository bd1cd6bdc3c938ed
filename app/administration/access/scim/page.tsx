import type { Metadata } from 'next';
import { readerTimeZone } from '@/app/reader';
import { Badge } from '@/components/ui/badge';
import { Notice } from '@/components/ui/notice';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { listGroupsWithSizes, statusOf } from '@/lib/scim/connection';
import { listExchanges } from '@/lib/scim/recorder';
import { listTokens } from '@/lib/scim/tokens';
import { isRecentProof } from '@/lib/users/own-deed';
import { Done } from '../done';
import { searchField } from '../users/search-params';
import { ConnectionCard } from './connection-card';
import { ExchangesTable } from './exchanges-table';
import { GroupsTable } from './groups-table';
import { TokensCard } from './tokens-card';

export const metadata: Metadata = { title: 'SCIM Provisioning' };

type Props = { searchParams: Promise<{ done?: string | string[]; group?: string | string[] }> };

export default async function ScimPage({ searchParams }: Props) {
  const { tenantId, authenticatedAt } = await requireSession('tenant_admin');
  const now = new Date();
  const asked = await searchParams;
  const search = searchField.safeParse(asked.group).data ?? '';
  const [status, tokens, groups, exchanges, timeZone] = await Promise.all([
    statusOf(tenantId, now),
    listTokens(tenantId),
    listGroupsWithSizes(tenantId, search),
    listExchanges(tenantId),
    readerTimeZone(),
  ]);
  const shown = { now, timeZone };
  return (
    <>
      <PageHeader
        title="SCIM Provisioning"
        description="Your identity provider keeps the list of people here: it creates, changes, deactivates and removes them."
        actions={status.pausedAt ? <Badge tone="warn">Paused</Badge> : undefined}
      />
      <Done tenantId={tenantId} given={asked.done} actions="scim." />
      <div className="stack">
        {!status.hasSamlSignIn && (
          <Notice tone="warn" title="Nobody has signed in by SAML yet">
            People who are provisioned have no password here: they can sign in once sign-in by SAML is set up and works.
          </Notice>
        )}
        <ConnectionCard status={status} {...shown} />
        <TokensCard tokens={tokens} isProven={isRecentProof(authenticatedAt)} {...shown} />
        <GroupsTable groups={groups} total={status.groups} search={search} />
        <ExchangesTable exchanges={exchanges} {...shown} />
      </div>
    </>
  );
}
