import { generateSecret, generateURI, verify } from 'otplib';
import { seal, unseal } from '@/lib/crypto/seal';

/** Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app expects. */
const PERIOD_SECONDS = 30;

/** 160 bits in base32 (RFC 4226, 4: the recommended length). */
export const newTotpSecret = (): string => generateSecret({ length: 20 });

/** The secret must be read again at every proof, so it is sealed and not hashed. */
export const TOTP_PURPOSE = 'totp';
export const sealTotp = (secret: string): string => seal(secret, TOTP_PURPOSE);
export const unsealTotp = (sealed: string): string | null => unseal(sealed, TOTP_PURPOSE);

/** What the QR code says (the apps' `otpauth:` key URI format). */
export const totpUri = (secret: string, tenantName: string, address: string): string =>
  generateURI({ issuer: `Rollcall · ${tenantName}`.replace(/:/g, ' '), label: address, secret });

export const isTotpForm = (code: string): boolean => /^\d{6}$/.test(code);

/**
 * The time step that a code is of: this one, the one before or the one after (RFC 6238, 5.2, for clocks that differ).
 * Null for any other code. Whether that step is spent already is for the row to say.
 */
export async function totpStep(secret: string, code: string, now: Date): Promise<number | null> {
  if (!isTotpForm(code)) return null;
  const epoch = Math.floor(now.getTime() / 1000);
  const result = await verify({ secret, token: code, epoch, epochTolerance: PERIOD_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}
