'use client';

import { type ComponentProps, type ReactNode, useId } from 'react';
import { useFormState } from './form';

/** A field's error message, and its value: what was typed before, otherwise `initial`. */
export function useField(name: string, initial: string | undefined) {
  const state = useFormState();
  const id = useId();
  const error = state.status === 'refused' ? state.fields?.[name] : undefined;
  const value = state.values?.[name] ?? initial ?? '';
  return { id, error, value };
}

type FrameProps = {
  id: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  children: ReactNode;
};

export function FieldFrame({ id, label, hint, error, children }: FrameProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      <FieldWords id={id} hint={hint} error={error} />
    </div>
  );
}

function FieldWords({ id, hint, error }: { id: string; hint?: string | undefined; error?: string | undefined }) {
  return (
    <>
      {error && (
        <p className="error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </>
  );
}

export const describedBy = (id: string, hint?: string, error?: string) =>
  [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;

type FieldProps = Omit<ComponentProps<'input'>, 'id' | 'className'> & {
  name: string;
  label: string;
  hint?: string;
  defaultValue?: string;
};

export function Field({ name, label, hint, defaultValue, ...rest }: FieldProps) {
  const { id, error, value } = useField(name, defaultValue);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      {/* Remounted when the value changes: the framework resets a submitted form. */}
      <input
        key={value}
        className="input"
        id={id}
        name={name}
        defaultValue={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        {...rest}
      />
    </FieldFrame>
  );
}

type AreaProps = Omit<ComponentProps<'textarea'>, 'id' | 'className'> & {
  name: string;
  label: string;
  hint?: string;
  defaultValue?: string;
};

export function TextAreaField({ name, label, hint, defaultValue, ...rest }: AreaProps) {
  const { id, error, value } = useField(name, defaultValue);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <textarea
        key={value}
        className="input"
        id={id}
        name={name}
        defaultValue={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        {...rest}
      />
    </FieldFrame>
  );
}

type Option = { value: string; label: string; hint?: ReactNode; disabled?: boolean };
type GroupProps = { name: string; legend: string; options: Option[]; defaultValue: string };

export function RadioGroupField({ name, legend, options, defaultValue }: GroupProps) {
  const { id, error, value } = useField(name, defaultValue);
  return (
    <fieldset className="field" key={value} aria-describedby={describedBy(id, undefined, error)}>
      <legend>{legend}</legend>
      {options.map((option) => (
        <div className="choice" key={option.value}>
          <input
            type="radio"
            id={`${id}-${option.value}`}
            name={name}
            value={option.value}
            defaultChecked={option.value === value}
            disabled={option.disabled}
          />
          <label htmlFor={`${id}-${option.value}`}>
            {option.label}
            {option.hint && <small>{option.hint}</small>}
          </label>
        </div>
      ))}
      <FieldWords id={id} error={error} />
    </fieldset>
  );
}
