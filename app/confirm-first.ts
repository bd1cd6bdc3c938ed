import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { LiveSession } from '@/lib/sessions/find';
import { isRecentProof } from '@/lib/users/own-deed';
import { confirmPath } from './own-path';

/**
 * For a page whose form needs a fresh proof of identity: asks before the form is filled in, since the detour would lose its
 * input. Skipped for the form's own response (`next-action`), which may contain something that is shown only once.
 */
export async function confirmFirst({ authenticatedAt }: Pick<LiveSession, 'authenticatedAt'>, path: string) {
  if (!isRecentProof(authenticatedAt) && !(await headers()).has('next-action')) redirect(confirmPath(path));
}
