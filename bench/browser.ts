import type { Browser } from '@playwright/test';

/**
 * A page's metrics in a real browser: the first view with an empty cache, and a repeat view. Times depend on this machine;
 * bytes, requests and layout shifts do not. Needs a running product and the cookies of a session.
 */
export type Sight = {
  status: number;
  /** Largest contentful paint and first byte, in milliseconds from the start of the navigation. */
  lcp: number;
  ttfb: number;
  /** Cumulative layout shift, as Chromium counts it. */
  cls: number;
  requests: number;
  /** Bytes over the wire, headers included; `scriptBytes` is the scripts' part. */
  bytes: number;
  scriptBytes: number;
};

type Seen = { requests: number; bytes: number; scriptBytes: number };
export type Visit = { url: string; cookies: { name: string; value: string }[] };

const SETTLED_MS = 700;

export async function look(browser: Browser, { url, cookies }: Visit): Promise<{ first: Sight; repeat: Sight }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC' });
  try {
    const zone = { name: 'tz', value: 'UTC' };
    await context.addCookies([...cookies, zone].map((cookie) => ({ ...cookie, url })));
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    const sizes = new Map<string, { bytes: number; isScript: boolean }>();
    devtools.on('Network.responseReceived', ({ requestId, type }) => {
      sizes.set(requestId, { bytes: 0, isScript: type === 'Script' });
    });
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const size = sizes.get(requestId);
      if (size) size.bytes = encodedDataLength;
    });
    const seen = (): Seen => {
      const all = [...sizes.values()];
      const total = (some: typeof all) => some.reduce((sum, { bytes }) => sum + bytes, 0);
      return { requests: all.length, bytes: total(all), scriptBytes: total(all.filter(({ isScript }) => isScript)) };
    };
    const view = async (): Promise<Sight> => {
      sizes.clear();
      const answer = await page.goto(url, { waitUntil: 'load' });
      await page.waitForTimeout(SETTLED_MS);
      return { status: answer?.status() ?? 0, ...(await page.evaluate(paints)), ...seen() };
    };
    return { first: await view(), repeat: await view() };
  } finally {
    await context.close();
  }
}

/** Runs in the page and returns its paint metrics so far. */
function paints(): Promise<{ lcp: number; ttfb: number; cls: number }> {
  const [arrival] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const told = { lcp: 0, ttfb: arrival?.responseStart ?? 0, cls: 0 };
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) told.lcp = entry.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) told.cls += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(told), 100);
  });
}
