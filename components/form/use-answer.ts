'use client';

import { useActionState } from 'react';

type Action<S> = (state: S, data: FormData) => Promise<S>;

/** Too busy, out of reach, cut off, or of another version. */
export const UNHEARD =
  'No answer came that this page understands, so it is not known whether this was done. Look before you send it again.';

/**
 * The state of a form, by what its action answers. Where no answer comes, the form stays as it is and says so: the framework
 * would put the page of an error in the place of everything that was typed.
 */
export function useAnswer<S>(action: Action<S>, start: S, unheard: (data: FormData) => S) {
  const heard: Action<S> = async (state, data) => {
    try {
      return await action(state, data);
    } catch (error) {
      // Of the framework (it goes to another page), or of a deed that failed: the server has answered.
      if (error instanceof Error && 'digest' in error) throw error;
      return unheard(data);
    }
  };
  // Written by the server the form must name the action itself: without scripts it is sent to it.
  return useActionState<S, FormData>(typeof window === 'undefined' ? action : heard, start as Awaited<S>);
}
