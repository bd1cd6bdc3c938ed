'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/**
 * Asks for the page anew while it is looked at, as long as it is shown. Without scripts the browser reloads it: the one
 * place where that is meant.
 */
export function KeepFresh({ everyMs }: { everyMs: number }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && router.refresh(), everyMs);
    return () => clearInterval(timer);
  }, [router, everyMs]);
  return (
    <noscript>
      <meta httpEquiv="refresh" content={String(Math.ceil(everyMs / 1000))} />
    </noscript>
  );
}
