import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { env } from '@/lib/env';

/**
 * Secrets that must be read again (the link of an open invitation, a mail that waits) are sealed with AES-256-GCM.
 * `purpose` is authenticated with the text: what was sealed for one use cannot be opened as another.
 * Format: `v1.` + base64url(12-byte nonce ‖ ciphertext ‖ 16-byte tag).
 */
const PREFIX = 'v1.';

/** The first key seals; all of them open. */
const keys = () => [env().SEALING_KEY, ...env().SEALING_KEY_PREVIOUS];
const bytesOf = (key: string | undefined) => Buffer.from(key ?? '', 'base64');

export function seal(text: string, purpose: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', bytesOf(keys()[0]), nonce).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + sealed.toString('base64url');
}

/** Null when it was altered, sealed for another purpose, or sealed with another key. */
export const unseal = (sealed: string, purpose: string): string | null => openedBy(keys(), sealed, purpose);

/** Opens with the given keys instead of this process's own. */
export function openedBy(given: string[], sealed: string, purpose: string): string | null {
  for (const key of given) {
    const text = openBy(bytesOf(key), sealed, purpose);
    if (text !== null) return text;
  }
  return null;
}

/** Seals again with the current key. `current` if it is already; null if none of the keys opens it. */
export function sealAnew(sealed: string, purpose: string): { sealed: string } | 'current' | null {
  if (openBy(bytesOf(keys()[0]), sealed, purpose) !== null) return 'current';
  const text = unseal(sealed, purpose);
  return text === null ? null : { sealed: seal(text, purpose) };
}

function openBy(key: Buffer, sealed: string, purpose: string): string | null {
  if (!sealed.startsWith(PREFIX)) return null;
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
  if (bytes.length < 28) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(purpose));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
