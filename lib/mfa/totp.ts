import { generateSecret, generateURI, verify } from 'otplib';
import { seal, unseal } from '@/lib/crypto/seal';

/** Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app expects. */
const PERIOD_SECONDS = 30;

/** 160 bits in base32 (RFC 4226, 4: the recommended length). */
export const newTotpSecret = (): string => generateSecret({ length: 20 });

/** The secret must be readable at every proof, so it is sealed instead of hashed. */
export const TOTP_PURPOSE = 'totp';
export const sealTotp = (secret: string): string => seal(secret, TOTP_PURPOSE);
export const unsealTotp = (sealed: string): string | null => unseal(sealed, TOTP_PURPOSE);

/** The content of the QR code (the apps' `otpauth:` key URI format). */
export const totpUri = (secret: string, tenantName: string, address: string): string =>
  generateURI({ issuer: `Rollcall · ${tenantName}`.replace(/:/g, ' '), label: address, secret });

export const isTotpForm = (code: string): boolean => /^\d{6}$/.test(code);

/**
 * The time step of a code: the current one, the one before or the one after (RFC 6238, 5.2, for clocks that differ). Null for any
 * other code. The caller checks whether that step is already spent.
 */
export async function totpStep(secret: string, code: string, now: Date): Promise<number | null> {
  if (!isTotpForm(code)) return null;
  const epoch = Math.floor(now.getTime() / 1000);
  const result = await verify({ secret, token: code, epoch, epochTolerance: PERIOD_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}
