import { setSessionCookie } from '@/lib/auth/current-actor';
import { PROOF_PATHS } from '@/lib/auth/proof-paths';
import type { Entered } from '@/lib/users/enter';
import { ownPath } from './own-path';

/** Sets the session cookie and returns the next path: the wanted page, or first the page for a proof that is still missing. */
export async function enterBrowser(session: Entered, next: unknown): Promise<string> {
  await setSessionCookie(session);
  const wanted = ownPath(next, '/');
  return session.standing === 'open' ? wanted : `${PROOF_PATHS[session.standing]}?next=${encodeURIComponent(wanted)}`;
}
