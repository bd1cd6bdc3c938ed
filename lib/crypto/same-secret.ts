import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** In the same time, however much of it is right. */
export const isSameSecret = (given: string | null, secret: string): boolean =>
  given !== null && timingSafeEqual(digest(given), digest(secret));
