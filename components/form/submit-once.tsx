'use client';

import { useEffect, useRef } from 'react';
import { useFormState } from './form';

/** Submits its form as soon as scripts have loaded; without them the form's button does. Only once: not after an answer. */
export function SubmitOnce() {
  const place = useRef<HTMLSpanElement>(null);
  const { status } = useFormState();
  useEffect(() => {
    if (status === 'idle') place.current?.closest('form')?.requestSubmit();
  }, [status]);
  return <span ref={place} hidden />;
}
