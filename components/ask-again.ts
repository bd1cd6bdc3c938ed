import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/**
 * Refreshes a page that the browser shows from its memory when going back: its session may have ended since, or its data may
 * have changed.
 */
export function useAskAgain(): void {
  const router = useRouter();
  useEffect(() => {
    const [arrival] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    // From the cache, without a byte from the server.
    if (arrival?.type === 'back_forward' && arrival.transferSize === 0) router.refresh();
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted) location.reload();
    };
    addEventListener('pageshow', shown);
    return () => removeEventListener('pageshow', shown);
  }, [router]);
}
