import type { SecondFactor, SignInMethod } from './start';

export const METHOD_NAMES: Record<SignInMethod, string> = { password: 'Password', saml: 'SAML', passkey: 'Passkey' };

const FACTOR_NAMES: Record<SecondFactor, string> = { totp: 'app', recovery_code: 'recovery code', passkey: 'passkey' };

/** "Password + app": by what a session was opened. A passkey alone is both. */
export const methodWords = (session: { method: SignInMethod; secondFactor: SecondFactor | null }): string =>
  session.secondFactor && session.method !== 'passkey'
    ? `${METHOD_NAMES[session.method]} + ${FACTOR_NAMES[session.secondFactor]}`
    : METHOD_NAMES[session.method];
