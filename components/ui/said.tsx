'use client';

import { type ReactNode, useEffect, useRef } from 'react';
import { Notice } from './notice';

/**
 * Confirms a command on the page that it led to. With scripts the page comes without a reload, so the notice takes the focus
 * and is announced first.
 */
export function Said({ children }: { children: ReactNode }) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => notice.current?.focus(), []);
  return (
    <Notice tone="ok" ref={notice} tabIndex={-1}>
      {children}
    </Notice>
  );
}
