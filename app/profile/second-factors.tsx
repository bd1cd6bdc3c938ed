import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { listFactors } from '@/lib/mfa/factors';
import { RECOVERY_CODES } from '@/lib/mfa/recovery-codes';
import type { LiveSession } from '@/lib/sessions/find';
import { renamePasskeyAction, startTotpAction } from './second-factor/actions';

type Props = { session: LiveSession; timeZone: string };

export async function SecondFactors({ session, timeZone }: Props) {
  const { totp, passkeys, recoveryCodes } = await listFactors({ id: session.userId, tenantId: session.tenantId });
  const times = { now: new Date(), timeZone, style: 'relative' } as const;
  const some = totp !== null || passkeys.length > 0;
  return (
    <Card>
      <CardHeader
        title="Second factor"
        description="Beside your password, something that only you have. A passkey also signs you in without a password."
        actions={<Badge tone={some ? 'ok' : 'neutral'}>{some ? 'Set up' : 'Not set up'}</Badge>}
      />
      <ul className="deeds">
        <li>
          <div>
            <strong>Authenticator app</strong>
            {totp && (
              <p>
                Set up <Time at={totp.createdAt} {...times} />, last used <Time at={totp.lastUsedAt} {...times} />
              </p>
            )}
          </div>
          {totp ? (
            <ButtonLink href="/profile/second-factor/remove?factor=totp">Remove</ButtonLink>
          ) : (
            <Form action={startTotpAction}>
              <Submit variant="secondary">Set up</Submit>
            </Form>
          )}
        </li>
        {passkeys.map(({ id, name, createdAt, lastUsedAt }) => (
          <li key={id}>
            <div>
              <strong>{name}</strong>
              <p>
                Passkey, added <Time at={createdAt} {...times} />
                {lastUsedAt ? (
                  <>
                    , last used <Time at={lastUsedAt} {...times} />
                  </>
                ) : (
                  ', not used yet'
                )}
              </p>
              <details className="rename">
                <summary>Rename</summary>
                <Form action={renamePasskeyAction}>
                  <input type="hidden" name="passkeyId" value={id} />
                  <Field name="name" label="New name" defaultValue={name} autoComplete="off" required />
                  <Submit variant="secondary">Save</Submit>
                </Form>
              </details>
            </div>
            <ButtonLink href={`/profile/second-factor/remove?factor=${id}`} aria-label={`Remove the passkey ${name}`}>
              Remove
            </ButtonLink>
          </li>
        ))}
        <li>
          <div>
            <strong>Passkeys</strong>
            <p>Your fingerprint, your face, a PIN, or a security key.</p>
          </div>
          <ButtonLink href="/profile/second-factor/passkey">Add a passkey</ButtonLink>
        </li>
        {some && (
          <li>
            <div>
              <strong>Recovery codes</strong>
              <p>
                {recoveryCodes} of {RECOVERY_CODES} left, each good once.
              </p>
            </div>
            <ButtonLink href="/profile/second-factor/recovery-codes">Make new ones</ButtonLink>
          </li>
        )}
      </ul>
    </Card>
  );
}
