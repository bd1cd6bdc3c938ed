'use client';

import { type ReactNode, useEffect, useRef } from 'react';

const TYPING_PAUSE_MS = 300;

/** Sends the form inside on a change, and shortly after the last letter of a search. Without scripts its button does. */
export function AutoSubmit({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  // At each answer: it may be of another search, by a link or by going back. What is being typed stays.
  useEffect(() => {
    for (const hidden of box.current?.querySelectorAll<HTMLElement>('[data-noscript-only]') ?? []) hidden.hidden = true;
    for (const search of box.current?.querySelectorAll<HTMLInputElement>('input[data-shown]') ?? []) {
      if (search !== document.activeElement) search.value = search.dataset.shown ?? '';
    }
  });
  // Once: an answer that comes while somebody types must not stop the clock that sends the rest.
  useEffect(() => {
    const { current } = box;
    let timer: ReturnType<typeof setTimeout>;
    const send = (target: EventTarget | null) => (target as HTMLInputElement | null)?.form?.requestSubmit();
    const changed = (event: Event) => {
      if (event.target instanceof HTMLSelectElement) send(event.target);
    };
    const typed = (event: Event) => {
      if (!(event.target instanceof HTMLInputElement) || event.target.type !== 'search') return;
      clearTimeout(timer);
      timer = setTimeout(send, TYPING_PAUSE_MS, event.target);
    };
    current?.addEventListener('change', changed);
    current?.addEventListener('input', typed);
    return () => {
      clearTimeout(timer);
      current?.removeEventListener('change', changed);
      current?.removeEventListener('input', typed);
    };
  }, []);
  return <div ref={box}>{children}</div>;
}
