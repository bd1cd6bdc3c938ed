import { redirect } from 'next/navigation';
import type { LiveSession } from '@/lib/sessions/find';
import { isRecentProof } from '@/lib/users/own-deed';
import { confirmPath } from './own-path';

/** For a page whose form asks for a fresh proof: asked before it is filled in, since on the way there all of it would be lost. */
export function confirmFirst({ authenticatedAt }: Pick<LiveSession, 'authenticatedAt'>, path: string): void {
  if (!isRecentProof(authenticatedAt)) redirect(confirmPath(path));
}
