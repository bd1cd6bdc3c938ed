'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/**
 * Asks for the page anew while it is looked at, as long as it is shown. Without scripts the browser reloads it: the one
 * place where that is meant, and seldom enough to reach a button by the keyboard.
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
