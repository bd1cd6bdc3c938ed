import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { LiveSession } from '@/lib/sessions/find';
import { isRecentProof } from '@/lib/users/own-deed';
import { confirmPath } from './own-path';

/**
 * For a page whose form asks for a fresh proof: asked before it is filled in, since on the way there all of it would be lost.
 * Not of the answer to the form itself, which may bring what is shown once.
 */
export async function confirmFirst({ authenticatedAt }: Pick<LiveSession, 'authenticatedAt'>, path: string) {
  if (!isRecentProof(authenticatedAt) && !(await headers()).has('next-action')) redirect(confirmPath(path));
}
