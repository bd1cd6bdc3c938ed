'use client';

import { useEffect, useRef } from 'react';

/** In a form of rows with boxes: Enter on a box would press the form's first button, and the first deed is hardly meant by it. */
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
