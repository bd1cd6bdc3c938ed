'use client';

import { type FormEvent, useEffect, useState } from 'react';
import { describedBy, FieldFrame, useField } from './field';

type Props = {
  name: string;
  label: string;
  hint?: string;
  autoComplete: 'current-password' | 'new-password';
  required?: boolean;
  onInput?: (event: FormEvent<HTMLInputElement>) => void;
};

/** The server never fills it in again. Paste is allowed; with scripts the password can be shown. */
export function PasswordField({ name, label, hint, ...rest }: Props) {
  const { id, error } = useField(name, '');
  const [shown, setShown] = useState(false);
  const [scripted, setScripted] = useState(false);
  useEffect(() => setScripted(true), []);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <div className="with-button">
        <input
          className="input"
          id={id}
          name={name}
          type={shown ? 'text' : 'password'}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, hint, error)}
          {...rest}
        />
        {scripted && (
          <button type="button" className="button" onClick={() => setShown(!shown)}>
            {shown ? 'Hide' : 'Show'}
            <span className="sr-only"> {label.toLowerCase()}</span>
          </button>
        )}
      </div>
    </FieldFrame>
  );
}
