import { Form, Submit } from '@/components/form/form';
import { Button, ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import type { Connection } from '@/lib/saml/connection';
import { isRecentTest } from '@/lib/saml/mode';
import type { SamlMode } from '@/lib/users/last-admin';
import { REFUSALS } from '@/lib/users/refusals';
import { enableAction, stopRequiringAction } from './actions';
import { SAML_PATH } from './saml-path';

type Props = { connection: Connection; saml: SamlMode; now: Date };

/** The commands that enable, require or remove a sign-in method. */
export function ModeCard({ connection, saml, now }: Props) {
  return (
    <Card>
      <CardHeader title="Who signs in by it" />
      <ul className="deeds">
        <li>
          <p>Let people sign in by the identity provider, beside passwords.</p>
          {saml === 'off' ? (
            <Form action={enableAction}>
              <Submit>Enable</Submit>
            </Form>
          ) : (
            <ButtonLink href={`${SAML_PATH}/disable`} variant="danger">
              Disable
            </ButtonLink>
          )}
        </li>
        <li>
          <p>Let people sign in by it alone. Passwords open nothing but the accounts of named break-glass admins.</p>
          <Required connection={connection} saml={saml} now={now} />
        </li>
        <li>
          <p>Take metadata, settings and links away.</p>
          <ButtonLink href={`${SAML_PATH}/delete`} variant="danger">
            Delete Connection
          </ButtonLink>
        </li>
      </ul>
    </Card>
  );
}

function Required({ connection, saml, now }: Props) {
  if (saml === 'required')
    return (
      <div className="actions">
        <ButtonLink href={`${SAML_PATH}/require`}>Break-glass admins</ButtonLink>
        <Form action={stopRequiringAction}>
          <Submit variant="secondary">Allow passwords again</Submit>
        </Form>
      </div>
    );
  const refusal = saml === 'off' ? 'saml-off' : isRecentTest(connection, now) ? null : 'test-needed';
  return refusal ? (
    <Button disabledReason={REFUSALS[refusal]}>Require SAML</Button>
  ) : (
    <ButtonLink href={`${SAML_PATH}/require`} variant="danger">
      Require SAML
    </ButtonLink>
  );
}
