import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits in base64url (43 characters): what the holder gets. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** What the row keeps. A token has full entropy, so a plain SHA-256 is enough (NIST SP 800-63B, 5.1.2.2). */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
