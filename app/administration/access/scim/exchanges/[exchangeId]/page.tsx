import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { z } from 'zod';
import { readerTimeZone } from '@/app/reader';
import { Time } from '@/components/time';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import { findExchange, KEPT_EXCHANGES } from '@/lib/scim/recorder';
import { findUser } from '@/lib/users/find';
import { detailHref } from '../../../users/detail-href';
import { SCIM_PATH } from '../../scim-path';

export const metadata: Metadata = { title: 'SCIM exchange' };

export default async function ExchangePage({ params }: { params: Promise<{ exchangeId: string }> }) {
  const { tenantId } = await requireSession('tenant_admin');
  const id = z.uuid().safeParse((await params).exchangeId);
  if (!id.success) notFound();
  const exchange = await findExchange(tenantId, id.data);
  if (!exchange) return <Gone />;
  const person = exchange.targetId ? await findUser(tenantId, exchange.targetId) : null;
  const timeZone = await readerTimeZone();
  return (
    <>
      <PageHeader
        title={exchange.meaning}
        description={`${exchange.method} ${exchange.path}`}
        back={{ href: SCIM_PATH, label: 'SCIM Provisioning' }}
      />
      <div className="stack">
        <Card>
          <DefinitionList
            items={[
              { term: 'Answer', value: exchange.status },
              { term: 'When', value: <Time at={exchange.at} now={new Date()} timeZone={timeZone} style="datetime" /> },
              { term: 'Token', value: exchange.tokenName },
              { term: 'Took', value: `${exchange.tookMs} ms` },
              ...(person
                ? [
                    {
                      term: 'Person',
                      value: (
                        <Link className="link" href={detailHref(person.id)} prefetch={false}>
                          {person.email}
                        </Link>
                      ),
                    },
                  ]
                : exchange.targetLabel
                  ? [{ term: 'Touched', value: exchange.targetLabel }]
                  : []),
            ]}
          />
        </Card>
        <Body title="What was sent" body={exchange.request} />
        <Body title="What was answered" body={exchange.response} />
      </div>
    </>
  );
}

/** Links in audit entries and on people's pages may outlive the exchange. */
const Gone = () => (
  <>
    <PageHeader title="This exchange is not recorded any more" back={{ href: SCIM_PATH, label: 'SCIM Provisioning' }} />
    <Card>
      <p>The flight recorder keeps the last {KEPT_EXCHANGES} exchanges. What was done stands in the audit trail.</p>
    </Card>
  </>
);

function Body({ title, body }: { title: string; body: unknown }) {
  return (
    <Card>
      <CardHeader
        title={title}
        description={body === null ? 'No body.' : 'Secrets and private details are left out, and long lists are cut.'}
      />
      {body !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className="code-block" aria-label={title} tabIndex={0}>
          <pre>{JSON.stringify(body, null, 2)}</pre>
        </section>
      )}
    </Card>
  );
}
