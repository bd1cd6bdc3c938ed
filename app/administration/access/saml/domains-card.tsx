import { CopyField } from '@/components/copy-field';
import { TextAreaField } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { Shown } from '@/components/form/shown';
import { Card, CardHeader } from '@/components/ui/card';
import { env } from '@/lib/env';
import { domainsAction } from './actions';

type Props = { slug: string; domains: { domain: string; verifiedAt: Date | null }[] };

export function DomainsCard({ slug, domains }: Props) {
  const verified = domains.filter(({ verifiedAt }) => verifiedAt !== null).map(({ domain }) => domain);
  return (
    <Card>
      <CardHeader
        title="Where people begin"
        description="At the sign-in page people enter their address, and its domain leads them here. Or they use your own address."
      />
      <CopyField label="Your sign-in page" value={`${env().APP_URL}/sign-in/${slug}`} />
      <Form action={domainsAction}>
        <Shown values={{ domains: domains.map(({ domain }) => domain) }} />
        <TextAreaField
          name="domains"
          label="Domains of your people"
          hint="One in each line. A domain belongs to one organisation; the operator of this product can verify that it is yours, which lets Tenant Admins with a password connect without a further step."
          rows={3}
          defaultValue={domains.map(({ domain }) => domain).join('\n')}
          spellCheck={false}
        />
        {verified.length > 0 && <p className="hint">Verified: {verified.join(', ')}</p>}
        <div className="form-actions">
          <Submit>Save domains</Submit>
        </div>
      </Form>
    </Card>
  );
}
