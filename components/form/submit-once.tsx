'use client';

import { useEffect, useRef } from 'react';
import { useFormState } from './form';

/** Sends its form as soon as there are scripts; without them the form's button does. Once: an answered form stays. */
export function SubmitOnce() {
  const place = useRef<HTMLSpanElement>(null);
  const { status } = useFormState();
  useEffect(() => {
    if (status === 'idle') place.current?.closest('form')?.requestSubmit();
  }, [status]);
  return <span ref={place} hidden />;
}
