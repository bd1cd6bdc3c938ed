'use client';

import { useId } from 'react';
import { useFormState } from './form';

type Props = { name: string; label: string; hint?: string; value?: string; defaultChecked: boolean };

/** A box to tick. Of several with one name each has its value; what was ticked stays ticked after a refusal. */
export function TickField({ name, label, hint, value, defaultChecked }: Props) {
  const id = useId();
  const state = useFormState();
  const sent = state.status === 'refused' ? state.values : undefined;
  const checked = sent && value === undefined ? sent[name] === 'on' : defaultChecked;
  return (
    <div className="field">
      <div className="choice">
        <input
          type="checkbox"
          id={id}
          name={name}
          value={value ?? 'on'}
          key={String(checked)}
          defaultChecked={checked}
        />
        <label htmlFor={id}>
          {label}
          {hint && <small>{hint}</small>}
        </label>
      </div>
    </div>
  );
}
