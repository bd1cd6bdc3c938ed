'use client';

import { type FormEvent, useRef, useState } from 'react';
import { useFormState } from '@/components/form/form';
import { PasswordField } from '@/components/form/password-field';
import { PASSWORD_MIN } from '@/lib/crypto/password-length';
import type { Strength } from '@/lib/crypto/password-strength';

/**
 * The field for a new password. With scripts it shows the strength during typing: the browser computes it, and loads the word
 * lists at the first letter. Without scripts the server gives the same advice when the form is sent.
 */
export function NewPasswordField({ label }: { label: string }) {
  // A response empties the field, so the strength shown before it no longer applies.
  const answer = useFormState();
  const [judged, setJudged] = useState<{ before: typeof answer; strength: Strength } | null>(null);
  const strength = judged?.before === answer ? judged.strength : null;
  const newest = useRef('');
  const onInput = async (event: FormEvent<HTMLInputElement>) => {
    const password = event.currentTarget.value;
    newest.current = password;
    const { strengthOf } = await import('@/lib/crypto/password-strength');
    if (newest.current === password)
      setJudged(password === '' ? null : { before: answer, strength: strengthOf(password) });
  };
  return (
    <div className="new-password">
      <PasswordField
        name="password"
        label={label}
        autoComplete="new-password"
        hint={`At least ${PASSWORD_MIN} characters of any kind. A few unusual words are better than signs.`}
        onInput={onInput}
        required
      />
      <p role="status" className="strength" data-words={strength?.words}>
        {strength && `${strength.words}. ${strength.advice}`}
      </p>
    </div>
  );
}
