import type { Standing } from './find';
import type { SecondFactor, SignInMethod } from './start';

export const METHOD_NAMES: Record<SignInMethod, string> = { password: 'Password', saml: 'SAML', passkey: 'Passkey' };

const FACTOR_NAMES: Record<SecondFactor, string> = { totp: 'app', recovery_code: 'recovery code', passkey: 'passkey' };

const UNTIL_OPEN: Partial<Record<Standing, string>> = {
  challenge: 'Second factor not proven yet',
  enrolment: 'Second factor not set up yet',
  connect: 'Not connected with the identity provider yet',
};

type How = { standing: Standing; method: SignInMethod; secondFactor: SecondFactor | null };

/** "Password + app": how a session was opened, or what it waits for. A passkey alone counts as both. */
export const methodWords = (session: How): string => UNTIL_OPEN[session.standing] ?? provenBy(session);

const provenBy = (session: Omit<How, 'standing'>): string =>
  session.secondFactor && session.method !== 'passkey'
    ? `${METHOD_NAMES[session.method]} + ${FACTOR_NAMES[session.secondFactor]}`
    : METHOD_NAMES[session.method];
