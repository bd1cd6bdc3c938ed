'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/**
 * Refreshes the page while it is mounted and visible. Without scripts the browser reloads it: the only place where that is
 * wanted, and rare enough to reach a button by keyboard.
 */
export function KeepFresh({ everyMs }: { everyMs: number }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && router.refresh(), everyMs);
    return () => clearInterval(timer);
  }, [router, everyMs]);
  return (
    <noscript>
      <meta httpEquiv="refresh" content="30" />
    </noscript>
  );
}
