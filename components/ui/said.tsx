'use client';

import { type ReactNode, useEffect, useRef } from 'react';
import { Notice } from './notice';

/** What was done, on the page that the deed led to: with scripts the page comes without a reload, and this is heard first. */
export function Said({ children }: { children: ReactNode }) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => notice.current?.focus(), []);
  return (
    <Notice tone="ok" ref={notice} tabIndex={-1}>
      {children}
    </Notice>
  );
}
