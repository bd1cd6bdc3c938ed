import { confirmFirst } from '@/app/confirm-first';
import { requireSession } from '@/lib/auth/current-actor';
import { counted } from '@/lib/counted';
import { listFactors, passkeyName, TOTP_NAME } from '@/lib/mfa/factors';
import { findTenant } from '@/lib/tenants/find';
import { consequencesFor } from '@/lib/users/consequences';
import { displayName } from '@/lib/users/find';
import { mayResetSecondFactor } from '@/lib/users/policy';
import { detailHref } from '../../detail-href';
import { resetSecondFactorAction } from '../actions';
import { ConsequencePage } from '../consequence-page';
import { readPerson, titledBy } from '../read-person';

export const generateMetadata = titledBy((name) => `Reset the second factor of ${name}`);

export default async function ResetSecondFactorPage({ params }: { params: Promise<{ userId: string }> }) {
  const { actor, user } = await readPerson(params);
  const refusal = mayResetSecondFactor(actor, user);
  if (!refusal) await confirmFirst(await requireSession(), `${detailHref(user.id)}/reset-second-factor`);
  const [{ totp, passkeys, recoveryCodes }, { sessionsEnding }, { mfaRequiredSince }] = await Promise.all([
    listFactors(user),
    consequencesFor(user),
    findTenant(user.tenantId),
  ]);
  const factors = [...(totp ? [TOTP_NAME] : []), ...passkeys.map(({ name }) => passkeyName(name))];
  return (
    <ConsequencePage
      user={user}
      title={`Reset the second factor of ${displayName(user)}?`}
      consequences={[
        factors.length > 0 ? `Removed: ${factors.join(', ')}.` : 'Nothing is set up.',
        ...(recoveryCodes > 0
          ? [`${counted(recoveryCodes, 'recovery code stops', 'recovery codes stop')} working.`]
          : []),
        sessionsEnding === 0
          ? 'They are not signed in anywhere.'
          : `${counted(sessionsEnding, 'session ends', 'sessions end')} at once.`,
        mfaRequiredSince
          ? 'At the next sign-in their password is enough to set up a new one: be sure that it is them who asked.'
          : 'Until they set up a new one, their password alone signs them in: be sure that it is them who asked.',
        'They are told by mail.',
      ]}
      refusal={refusal}
      action={resetSecondFactorAction}
      button="Reset the second factor"
    />
  );
}
