import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { loginPathOf } from '@/lib/saml/addresses';
import { expiryOf, readCertificate } from '@/lib/saml/certificate';
import type { Connection } from '@/lib/saml/connection';
import { SAML_PATH } from './saml-path';

const EXPIRY = {
  valid: { tone: 'ok', words: 'Valid' },
  soon: { tone: 'warn', words: 'Runs out soon' },
  expired: { tone: 'danger', words: 'Has run out' },
  'not-yet': { tone: 'warn', words: 'Not valid yet' },
} as const;

type Props = { connection: Connection; slug: string; now: Date; timeZone: string };

/** The provider as its metadata describes it, with a button for a test sign-in. */
export function ProviderCard({ connection, slug, now, timeZone }: Props) {
  const certificates = connection.certificates.map(readCertificate).filter((each) => each !== null);
  const ending = certificates.filter((each) => expiryOf(each, now) !== 'valid');
  return (
    <Card>
      <CardHeader
        title="Your identity provider"
        actions={
          <>
            <ButtonLink href={`${SAML_PATH}/metadata`}>New metadata</ButtonLink>
            {/* A plain link: it leads to another site. */}
            <a className="button" data-variant="primary" href={`${loginPathOf(slug)}?test`}>
              Test sign-in
            </a>
          </>
        }
      />
      {ending.length > 0 && (
        <Notice
          tone="warn"
          title={ending.length === 1 ? 'A certificate needs your attention' : 'Certificates need your attention'}
        >
          Put the next certificate into the metadata before the provider signs with it. Several are good at once.
        </Notice>
      )}
      <DefinitionList
        items={[
          { term: 'Entity ID', value: connection.idpEntityId },
          { term: 'Sign-in address', value: connection.ssoUrl },
          { term: 'Sign-out address', value: connection.sloUrl ?? 'None' },
          ...certificates.map((certificate, i) => ({
            term: certificates.length === 1 ? 'Certificate' : `Certificate ${i + 1}`,
            value: (
              <>
                {certificate.subject} · until <Time at={certificate.until} now={now} timeZone={timeZone} style="date" />{' '}
                <Badge tone={EXPIRY[expiryOf(certificate, now)].tone}>{EXPIRY[expiryOf(certificate, now)].words}</Badge>
                <br />
                <code>{certificate.fingerprint}</code>
              </>
            ),
          })),
          {
            term: 'Test passed',
            value: connection.testedAt ? (
              <Time at={connection.testedAt} now={now} timeZone={timeZone} style="relative" />
            ) : (
              'Not with these settings'
            ),
          },
        ]}
      />
    </Card>
  );
}
