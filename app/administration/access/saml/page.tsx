import type { Metadata } from 'next';
import { readerTimeZone } from '@/app/reader';
import { CopyField } from '@/components/copy-field';
import { Badge } from '@/components/ui/badge';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { ACS_BINDING, acsUrlOf, entityIdOf, NAME_ID_FORMAT } from '@/lib/saml/addresses';
import { findConnection } from '@/lib/saml/connection';
import { listDomains } from '@/lib/saml/domains';
import { readMapping } from '@/lib/saml/groups';
import { listExchanges } from '@/lib/saml/recorder';
import { findTenant } from '@/lib/tenants/find';
import { Done } from '../done';
import { DomainsCard } from './domains-card';
import { GroupsCard } from './groups-card';
import { ModeCard } from './mode-card';
import { OptionsCard } from './options-card';
import { ProviderCard } from './provider-card';
import { RecorderCard } from './recorder-card';

export const metadata: Metadata = { title: 'SAML Setup' };

const STATES = {
  none: { tone: 'neutral', words: 'Not set up' },
  off: { tone: 'warn', words: 'Not enabled' },
  enabled: { tone: 'ok', words: 'Enabled' },
  required: { tone: 'ok', words: 'Required' },
} as const;

type Props = { searchParams: Promise<{ done?: string | string[] }> };

export default async function SamlPage({ searchParams }: Props) {
  const { tenantId } = await requireSession('tenant_admin');
  const [tenant, connection, domains, timeZone] = await Promise.all([
    findTenant(tenantId),
    findConnection(tenantId),
    listDomains(tenantId),
    readerTimeZone(),
  ]);
  const now = new Date();
  const state = STATES[connection ? tenant.saml : 'none'];
  return (
    <div className="narrow">
      <PageHeader
        title="SAML Setup"
        description={`People of ${tenant.name} sign in by your own identity provider.`}
        actions={<Badge tone={state.tone}>{state.words}</Badge>}
      />
      <Done tenantId={tenantId} given={(await searchParams).done} actions="saml." />
      <div className="stack">
        <Card>
          <CardHeader
            title="For your identity provider"
            description="Set up an application there with these values, or give it the metadata."
            actions={
              <a className="button" href={`/api/saml/${tenant.slug}/metadata`} download={`rollcall-${tenant.slug}.xml`}>
                Download metadata
              </a>
            }
          />
          <CopyField label="Entity ID (audience)" value={entityIdOf(tenant.slug)} />
          <CopyField label="ACS URL (reply, recipient, destination)" value={acsUrlOf(tenant.slug)} />
          <CopyField label="ACS binding" value={ACS_BINDING} />
          <CopyField label="NameID format" value={NAME_ID_FORMAT} />
          <DefinitionList
            items={[
              { term: 'Signed', value: 'The response, and the assertion too (Strict). RSA-SHA256.' },
              {
                term: 'Attributes',
                value: (
                  <>
                    <code>email</code>, <code>firstName</code>, <code>lastName</code>, or under the usual names of Okta,
                    Entra ID, Google, Ping, OneLogin and AD FS
                  </>
                ),
              },
            ]}
          />
        </Card>
        {connection ? (
          <>
            <ProviderCard connection={connection} slug={tenant.slug} now={now} timeZone={timeZone} />
            <ModeCard connection={connection} saml={tenant.saml} now={now} />
            <OptionsCard connection={connection} isRequired={tenant.saml === 'required'} />
            <DomainsCard slug={tenant.slug} domains={domains} />
            <GroupsCard mapping={await readMapping(tenantId)} />
            <RecorderCard exchanges={await listExchanges(tenantId)} now={now} timeZone={timeZone} />
          </>
        ) : (
          <Card>
            <CardHeader
              title="From your identity provider"
              description="Its metadata says where people sign in and by which key it signs. You see a verdict before anything is saved."
            />
            <ButtonLink href="/administration/access/saml/metadata" variant="primary">
              Add metadata
            </ButtonLink>
          </Card>
        )}
      </div>
    </div>
  );
}
