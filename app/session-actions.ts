'use server';

import { redirect } from 'next/navigation';
import { actorOf, clearSessionCookie, currentOrigin, currentSession } from '@/lib/auth/current-actor';
import { signOut } from '@/lib/auth/own-account';
import { givenForm } from './given-form';
import { ownPath } from './own-path';

/** Ends the session on the server; clearing the cookie is only tidying up. `next` is where another person may continue. */
export async function signOutAction(data: FormData): Promise<void> {
  const session = await currentSession();
  if (session) await signOut(actorOf(session, await currentOrigin()));
  await clearSessionCookie();
  redirect(ownPath(givenForm(data).get('next'), '/sign-in'));
}
