'use client';

import { useEffect, useRef } from 'react';

/**
 * For a form of rows with checkboxes: Enter on a checkbox would press the form's first button, which is hardly what was meant.
 */
export function NoEnter() {
  const here = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const form = here.current?.closest('form');
    const pressed = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.key === 'Enter' && target instanceof HTMLInputElement && target.type === 'checkbox')
        event.preventDefault();
    };
    form?.addEventListener('keydown', pressed);
    return () => form?.removeEventListener('keydown', pressed);
  }, []);
  return <span ref={here} hidden />;
}
