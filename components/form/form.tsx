'use client';

import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { useFormStatus } from 'react-dom';
import type { Variant } from '../ui/button';
import { Notice } from '../ui/notice';
import { type FormAction, type FormState, idle } from './form-state';
import { keptOf } from './kept';
import { UNHEARD, useAnswer } from './use-answer';

const State = createContext<FormState>(idle);

export const useFormState = (): FormState => useContext(State);

type Props = {
  action: FormAction;
  /** Replaces the fields when the command is done. */
  whenDone?: ReactNode;
  children: ReactNode;
};

/**
 * The only form component. Without scripts the server answers with the page that shows the state; with them the same answer
 * comes without a reload. The messages are the server's in both cases, so the browser's own are switched off.
 */
export function Form({ action, whenDone, children }: Props) {
  const [state, submit] = useAnswer(action, idle, unheard);
  return (
    <form action={submit} className="form" noValidate>
      <FormNotice state={state} />
      <State value={state}>{state.status === 'done' && whenDone ? whenDone : children}</State>
    </form>
  );
}

export const unheard = (data: FormData): FormState => ({ status: 'refused', message: UNHEARD, ...keptOf(data) });

export function FormNotice({ state }: { state: FormState }) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state.status !== 'idle') notice.current?.focus();
  }, [state]);
  if (state.status === 'idle') return null;
  return (
    <Notice tone={state.status === 'done' ? 'ok' : 'danger'} ref={notice} tabIndex={-1}>
      {state.message}
      {state.status === 'done' && state.detail && state.detail.length > 0 && (
        <ul>
          {state.detail.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

type SubmitProps = {
  variant?: Variant;
  /** The button's text while a command runs that can take long. */
  busy?: string;
  children: ReactNode;
};

/** One press is one command: while it runs, further presses do nothing. */
export function Submit({ variant = 'primary', busy, children }: SubmitProps) {
  const { pending } = useFormStatus();
  const working = busy && pending ? busy : null;
  return (
    <>
      <button
        className="button"
        data-variant={variant}
        type="submit"
        aria-disabled={pending || undefined}
        onClick={(event) => pending && event.preventDefault()}
      >
        {working ?? children}
      </button>
      {busy && (
        <span role="status" className="sr-only">
          {working}
        </span>
      )}
    </>
  );
}
