import { transaction } from '@/db/transaction';
import { type Origin, systemActor } from '@/lib/actor';
import type { AuditCatalogue } from '@/lib/audit/catalogue';
import { record } from '@/lib/audit/record';
import { authenticationOptions, ownerOf, type PasskeyAnswer, verifyPasskey } from '@/lib/mfa/passkeys';
import { countedSignIn } from '@/lib/observe/sign-ins';
import { done, refuse } from '@/lib/outcome';
import { LIMITS, take } from '@/lib/rate-limit';
import type { LiveSession } from '@/lib/sessions/find';
import { holdTenant } from '@/lib/tenants/find';
import { enter } from '@/lib/users/enter';
import { lockUser } from '@/lib/users/find';
import { mayProvePassword } from '@/lib/users/password-allowed';

type Refused = AuditCatalogue['user.sign-in-refused']['reason'];

/** Anybody may ask. The passkey determines the account. */
export async function askForPasskey(origin: Origin) {
  if ((await take(LIMITS.passkeyAddress, origin.ip)) > 0) return refuse('limited');
  return done({ options: await authenticationOptions('sign-in', null) });
}

/**
 * Sign-in without a password: a passkey that has verified its user is two factors in one. An unknown key, an inactive
 * person and a wrong signature get the same answer.
 */
export const signInByPasskey = countedSignIn('passkey', byPasskey);

async function byPasskey(input: { answer: PasskeyAnswer }, origin: Origin, previous: LiveSession | null = null) {
  if ((await take(LIMITS.passkeyAddress, origin.ip)) > 0) return refuse('limited');
  const owner = await ownerOf(input.answer);
  if (!owner) return refuse('passkey-refused');
  return transaction(async (tx, now) => {
    const { saml } = await holdTenant(tx, owner.tenantId);
    const user = await lockUser(tx, owner.tenantId, owner.id);
    const asked = { of: owner, purpose: 'sign-in', sessionId: null } as const;
    const isProven = await verifyPasskey(tx, now, input.answer, asked);
    const refused = async <R extends string>(reason: Refused, refusal: R) => {
      if (user)
        await record(tx, now, { ...systemActor(user.tenantId), origin }, 'user.sign-in-refused', user, { reason });
      return refuse(refusal);
    };
    if (!isProven) return refused('wrong-passkey', 'passkey-refused');
    if (user?.status !== 'active') return refused('not-active', 'passkey-refused');
    if (user.passwordResetRequired) return refused('reset-required', 'reset-required');
    // Without a password, only SAML can sign them in. If SAML is off, nothing can.
    if (user.passwordHash === null)
      return refused('saml-required', saml === 'off' ? 'passkey-refused' : 'saml-required');
    if (!(await mayProvePassword(user, saml, tx))) return refused('saml-required', 'saml-required');
    const how = { method: 'passkey', secondFactor: 'passkey' } as const;
    return done({ session: await enter(tx, now, user, how, origin, previous) });
  });
}
