'use client';

import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Form } from '@/components/form/form';
import type { FormAction } from '@/components/form/form-state';
import type { Variant } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

/** What the server asks of the browser: create a passkey, or sign with one. `refused` is a sentence for the user. */
export type PasskeyQuestion =
  | { create: PublicKeyCredentialCreationOptionsJSON }
  | { get: PublicKeyCredentialRequestOptionsJSON }
  | { refused: string };

type Props = {
  ask: () => Promise<PasskeyQuestion>;
  action: FormAction;
  label: string;
  variant?: Variant;
  whenDone?: ReactNode;
  children?: ReactNode;
};

/** Passkeys need a browser script, so without scripts a sentence replaces the button. */
export function PasskeyForm({ ask, action, label, variant = 'secondary', whenDone, children }: Props) {
  const answer = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isUsable, setUsable] = useState<boolean | null>(null);
  useEffect(() => setUsable(typeof window.PublicKeyCredential === 'function'), []);

  const press = async () => {
    setProblem(null);
    const form = answer.current?.form;
    // Validate first: a key created before its name is refused would stay on the device without being registered here.
    if (form && !form.checkValidity()) return form.requestSubmit();
    try {
      const question = await ask();
      if ('refused' in question) return setProblem(question.refused);
      const given = await answered(question);
      if (!answer.current) return;
      answer.current.value = JSON.stringify(given);
      answer.current.form?.requestSubmit();
    } catch (error) {
      setProblem(sentence(error));
    }
  };

  return (
    <Form action={action} whenDone={whenDone}>
      {problem && <Notice tone="danger">{problem}</Notice>}
      <input type="hidden" name="answer" ref={answer} />
      {children}
      {isUsable && (
        // A submit button, so that Enter in a field triggers it too.
        <button
          type="submit"
          className="button"
          data-variant={variant}
          onClick={(event) => {
            event.preventDefault();
            press();
          }}
        >
          {label}
        </button>
      )}
      {isUsable === false && <p className="hint">This browser has no passkeys.</p>}
      <noscript>
        <p className="hint">Passkeys need JavaScript.</p>
      </noscript>
    </Form>
  );
}

/** The library is loaded on demand, since most page views use no passkey. */
async function answered(question: Exclude<PasskeyQuestion, { refused: string }>) {
  const { startAuthentication, startRegistration } = await import('@simplewebauthn/browser');
  return 'create' in question
    ? startRegistration({ optionsJSON: question.create })
    : startAuthentication({ optionsJSON: question.get });
}

function sentence(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'InvalidStateError') return 'This device has a passkey for you here already.';
  if (name === 'NotAllowedError' || name === 'AbortError') return 'No passkey was used. Try again.';
  return 'The passkey could not be used in this browser.';
}
