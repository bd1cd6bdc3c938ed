'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/** A <details>, so it opens without scripts. With scripts, Escape or a click elsewhere also closes it. */
export function AccountMenu({ children }: { children: ReactNode }) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const { current } = menu;
      if (!current?.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return;
        current.querySelector('summary')?.focus();
      } else if (current.contains(event.target as Node) && !(event.target as Element).closest('a')) return;
      current.open = false;
    };
    document.addEventListener('keydown', close);
    document.addEventListener('click', close);
    return () => {
      document.removeEventListener('keydown', close);
      document.removeEventListener('click', close);
    };
  }, []);
  return (
    <details className="account" ref={menu}>
      <summary className="icon-button" aria-label="Your account">
        <svg
          width="19"
          height="19"
          viewBox="0 0 24 24"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinecap="round"
          aria-hidden="true"
        >
          <circle cx="12" cy="8" r="4" />
          <path d="M4.5 20.5c1-4 4-6 7.5-6s6.5 2 7.5 6" />
        </svg>
      </summary>
      <div className="menu">{children}</div>
    </details>
  );
}
