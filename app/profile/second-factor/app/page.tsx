import type { Metadata } from 'next';
import { toString as drawQrCode } from 'qrcode';
import { ownPath } from '@/app/own-path';
import { SignOutForm } from '@/app/sign-out-form';
import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { ButtonLink } from '@/components/ui/button';
import { requireStanding } from '@/lib/auth/current-actor';
import { PROOF_PATHS } from '@/lib/auth/proof-paths';
import { shownTotpSecret } from '@/lib/mfa/enrol';
import { totpUri } from '@/lib/mfa/totp';
import { finishTotpAction } from '../actions';
import { NewRecoveryCodes } from '../new-recovery-codes';

export const metadata: Metadata = { title: 'Set up an authenticator app' };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

/** One form for both steps: after a right code, its response shows the recovery codes. */
export default async function AuthenticatorPage({ searchParams }: Props) {
  const next = ownPath((await searchParams).next, '/profile');
  const session = await requireStanding(['open', 'enrolment'], next);
  const secret = await shownTotpSecret(session.sessionId);
  const back = session.standing === 'open' ? '/profile' : `${PROOF_PATHS.enrolment}?next=${encodeURIComponent(next)}`;
  return (
    <PublicShell title="Authenticator app" text={`For ${session.email} at ${session.tenantName}.`}>
      <Form action={finishTotpAction} whenDone={<NewRecoveryCodes next={next} />}>
        <input type="hidden" name="next" value={next} />
        {secret ? (
          <Secret secret={secret} uri={totpUri(secret, session.tenantName, session.email)} />
        ) : (
          <p>No set-up is under way here.</p>
        )}
        <ButtonLink href={back} variant="quiet">
          {secret ? 'Cancel' : 'Back'}
        </ButtonLink>
      </Form>
      <SignOutForm />
    </PublicShell>
  );
}

async function Secret({ secret, uri }: { secret: string; uri: string }) {
  const svg = await drawQrCode(uri, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' });
  return (
    <>
      <p>Scan this with an authenticator app, or type the key into it.</p>
      {/* Dark on light in both themes, since many apps cannot read inverted codes. */}
      <div className="qr-code" role="img" aria-label="QR code" dangerouslySetInnerHTML={{ __html: svg }} />
      <p className="secret">
        <span className="text-muted">Key</span> <code>{secret.match(/.{1,4}/g)?.join(' ')}</code>
      </p>
      <p>
        Is the app on this device? <a href={uri}>Open it with the key</a>.
      </p>
      <Field
        name="code"
        label="Code that the app shows"
        hint="Six digits, a new one every 30 seconds."
        inputMode="numeric"
        autoComplete="one-time-code"
        required
      />
      <Submit>Set up</Submit>
    </>
  );
}
