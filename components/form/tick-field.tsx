'use client';

import { type ComponentProps, useId } from 'react';
import { useFormState } from './form';

type BoxProps = Omit<ComponentProps<'input'>, 'type' | 'value'> & {
  name: string;
  value?: string;
  defaultChecked: boolean;
};

/** Checkboxes that share a name have a value each. After a refusal each is ticked as it was sent. */
export function TickBox({ name, value = 'on', defaultChecked, ...rest }: BoxProps) {
  const state = useFormState();
  const sent = state.status === 'refused' ? state.sent : undefined;
  const checked = sent ? (sent[name] ?? []).includes(value) : defaultChecked;
  // Remounted when its state changes: the framework resets a submitted form.
  return <input type="checkbox" name={name} value={value} key={String(checked)} defaultChecked={checked} {...rest} />;
}

type Props = { name: string; label: string; hint?: string; value?: string; defaultChecked: boolean };

export function TickField({ label, hint, ...box }: Props) {
  const id = useId();
  return (
    <div className="field">
      <div className="choice">
        <TickBox id={id} {...box} />
        <label htmlFor={id}>
          {label}
          {hint && <small>{hint}</small>}
        </label>
      </div>
    </div>
  );
}
