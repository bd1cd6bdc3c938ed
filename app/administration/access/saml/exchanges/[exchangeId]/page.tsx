import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { readerTimeZone } from '@/app/reader';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { PageHeader } from '@/components/ui/page-header';
import { requireSession } from '@/lib/auth/current-actor';
import type { Report } from '@/lib/saml/answer';
import type { Claims } from '@/lib/saml/check-response';
import { type Reason, reasonWords } from '@/lib/saml/reasons';
import { findExchange } from '@/lib/saml/recorder';
import { idField } from '@/lib/users/fields';
import { KIND_WORDS, OUTCOMES } from '../../recorder-card';
import { SAML_PATH } from '../../saml-path';

export const metadata: Metadata = { title: 'A message of the identity provider' };

/** One message with everything received, checked and understood. For a test this is its report. */
export default async function ExchangePage({ params }: { params: Promise<{ exchangeId: string }> }) {
  const { tenantId } = await requireSession('tenant_admin');
  const id = idField.safeParse((await params).exchangeId);
  const exchange = id.success ? await findExchange(tenantId, id.data) : null;
  if (!exchange) notFound();
  const report = exchange.report as (Partial<Report> & { facts?: Record<string, string> }) | null;
  const isTest = exchange.kind === 'test' && exchange.direction === 'received';
  return (
    <div className="narrow">
      <PageHeader
        title={isTest ? 'Test sign-in' : `${KIND_WORDS[exchange.kind]}, ${exchange.direction}`}
        description={<Time at={exchange.at} now={new Date()} timeZone={await readerTimeZone()} style="datetime" />}
        back={{ href: SAML_PATH, label: 'SAML Setup' }}
        actions={
          exchange.direction === 'received' && (
            <Badge tone={OUTCOMES[exchange.outcome].tone}>{OUTCOMES[exchange.outcome].words}</Badge>
          )
        }
      />
      {exchange.reason && (
        <Notice tone="danger" title="What to change">
          {reasonWords({ reason: exchange.reason as Reason, facts: report?.facts ?? {} })}
        </Notice>
      )}
      {isTest && exchange.outcome === 'done' && (
        <Notice tone="ok" title="The test passed">
          Nobody was signed in. {report?.would?.join(' ')}
        </Notice>
      )}
      <div className="stack">
        {report?.claims && (
          <Card>
            <CardHeader title="Understood" />
            <DefinitionList
              items={[
                { term: 'NameID', value: report.claims.nameId },
                { term: 'E-mail', value: report.claims.email },
                { term: 'First name', value: report.claims.firstName },
                { term: 'Last name', value: report.claims.lastName },
                {
                  term: 'Groups',
                  value: groupsSent(report.claims),
                },
                { term: 'Session index', value: report.claims.sessionIndex ?? 'None' },
                { term: 'Encrypted', value: report.encrypted ? 'Yes' : 'No' },
              ]}
            />
          </Card>
        )}
        {report?.checks && (
          <Card>
            <CardHeader title="Checked" />
            <ul className="checks">
              {report.checks.map(({ check, problem }) => (
                <li key={check}>
                  <Badge tone={problem ? 'danger' : 'ok'}>{problem ? '✗' : '✓'}</Badge> {check}
                  {problem && <small> {reasonWords(problem)}</small>}
                </li>
              ))}
            </ul>
          </Card>
        )}
        {report?.sent && Object.keys(report.sent).length > 0 && (
          <Card>
            <CardHeader
              title="Received attributes"
              description={report.verified ? undefined : 'The signature was not verified: do not believe them.'}
            />
            <DefinitionList
              items={Object.entries(report.sent).map(([term, values]) => ({
                term,
                value: values.join(', ') || 'Empty',
              }))}
            />
          </Card>
        )}
        {exchange.xml && (
          <Card>
            <CardHeader
              title="The message"
              description="Signatures, keys and the values of attributes that are not read are left out."
            />
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
            <section className="xml" tabIndex={0} aria-label="The message as XML">
              <pre>{exchange.xml.replace(/></g, '>\n<')}</pre>
            </section>
          </Card>
        )}
      </div>
    </div>
  );
}

function groupsSent({ groups, tooManyGroups }: Claims): string {
  if (groups) return groups.join(', ') || 'None sent';
  return tooManyGroups ? 'More than the provider sends' : 'Not mapped';
}
