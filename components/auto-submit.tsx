'use client';

import { type ReactNode, useEffect, useRef } from 'react';

const TYPING_PAUSE_MS = 300;
type Shown = HTMLInputElement | HTMLSelectElement;

/** The address without its fragment. */
const viewNow = () => `${location.pathname}${location.search}`;

const isComeBackTo = () =>
  performance.getEntriesByType('navigation').some((entry) => 'type' in entry && entry.type !== 'navigate');

/** Submits the form inside on a change, and shortly after the last letter of a search. Without scripts its button does. */
export function AutoSubmit({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const isFirst = useRef(true);
  const view = useRef('');
  const hasGoneBack = useRef(false);
  // Runs at each answer, which may be another view, by a link or by going back. A field in use keeps its value, and the form
  // is never remounted: a person using the keyboard would lose their place.
  useEffect(() => {
    for (const hidden of box.current?.querySelectorAll<HTMLElement>('[data-noscript-only]') ?? []) hidden.hidden = true;
    const busy = hasGoneBack.current ? null : document.activeElement;
    hasGoneBack.current = false;
    view.current = viewNow();
    const fields = [...(box.current?.querySelectorAll<Shown>('[data-shown]') ?? [])];
    const chosen = fields.find((field) => field.value !== field.dataset.shown);
    // A choice made before the scripts loaded. When returning to a page, the browser restores old values, which nobody chose.
    const isMeant = isFirst.current && !isComeBackTo();
    isFirst.current = false;
    if (chosen && isMeant) return chosen.form?.requestSubmit();
    for (const field of fields) if (field !== busy) field.value = field.dataset.shown ?? '';
  });
  useEffect(() => {
    const note = () => {
      hasGoneBack.current ||= view.current !== viewNow();
    };
    window.addEventListener('popstate', note);
    return () => window.removeEventListener('popstate', note);
  }, []);
  // Runs once: an answer that comes while somebody types must not stop the timer that sends the rest.
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
