'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/** Sends the reader's time zone to the server once, so that times need no script of their own. */
export function TimeZoneCookie({ current }: { current: string | null }) {
  const router = useRouter();
  useEffect(() => {
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
    if (!zone || zone === current || decodeURIComponent(zone) === current) return;
    const secure = location.protocol === 'https:' ? '; secure' : '';
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
    document.cookie = `tz=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
    router.refresh();
  }, [current, router]);
  return null;
}
