'use client';

import { useActionState } from 'react';

type Action<S> = (state: S, data: FormData) => Promise<S>;

/** The server is too busy, out of reach or of another version, or the connection was cut. */
export const UNHEARD =
  'No answer came that this page understands, so it is not known whether this was done. Look before you send it again.';

/**
 * The state of a form, from the answers of its action. If no answer comes, the form stays and says so: the framework would
 * replace everything that was typed by an error page.
 */
export function useAnswer<S>(action: Action<S>, start: S, unheard: (data: FormData) => S) {
  const heard: Action<S> = async (state, data) => {
    try {
      return await action(state, data);
    } catch (error) {
      // An error of the framework (a redirect) or of a failed command: the server has answered.
      if (error instanceof Error && 'digest' in error) throw error;
      return unheard(data);
    }
  };
  // On the server, the form must name the action itself: without scripts it is sent to that action.
  return useActionState<S, FormData>(typeof window === 'undefined' ? action : heard, start as Awaited<S>);
}
