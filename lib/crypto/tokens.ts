import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits in base64url (43 characters), given to the holder. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** The hash that the row stores. A token has full entropy, so a plain SHA-256 is enough (NIST SP 800-63B, 5.1.2.2). */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
