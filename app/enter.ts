import { setSessionCookie } from '@/lib/auth/current-actor';
import { PROOF_PATHS } from '@/lib/auth/proof-paths';
import type { Entered } from '@/lib/users/enter';
import { ownPath } from './own-path';

/** Hands the session to the browser, and says where it goes: to the page that was wanted, by way of a second factor if need be. */
export async function enterBrowser(session: Entered, next: unknown): Promise<string> {
  await setSessionCookie(session);
  const wanted = ownPath(next, '/');
  return session.standing === 'open' ? wanted : `${PROOF_PATHS[session.standing]}?next=${encodeURIComponent(wanted)}`;
}
