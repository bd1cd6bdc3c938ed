import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * What a client may claim about its origin. Anybody can write these headers, so only what our own proxies wrote is kept:
 * `hops` of them are in front of us (TRUSTED_PROXIES). With none, the address is the socket's.
 * Afterwards `x-forwarded-for` is exactly one address, and the only one that the app reads.
 */
const WRITTEN_BY_PROXIES = ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'];
/** Other headers for the same facts, which nothing here reads and not every proxy overwrites. */
const NEVER_READ = ['forwarded', 'x-real-ip'];
/** Internal headers of the framework; from outside they are forged. Its client sends the two request ids. */
const INTERNAL =
  /^(?:x-(?:middleware|nextjs-(?!(?:html-)?request-id$)|invoke|matched-path|now-route|next-resume|vercel)|next-resume)/;

export function trustForwarded(headers: IncomingHttpHeaders, socketAddress: string | undefined, hops: number): void {
  const socket = (socketAddress ?? '').replace(/^::ffff:/, '');
  // Each proxy appends the address it was called from; the last hop is the socket itself.
  const chain = [...String(headers['x-forwarded-for'] ?? '').split(','), socket].map(addressOf).filter(Boolean);
  const client = chain[Math.max(0, chain.length - 1 - hops)] ?? socket;
  headers['x-forwarded-for'] = isIP(client) ? client : socket;
  for (const name of Object.keys(headers)) {
    const forged = INTERNAL.test(name) || NEVER_READ.includes(name);
    if (forged || (hops === 0 && WRITTEN_BY_PROXIES.includes(name))) delete headers[name];
  }
}

/** Some proxies also write the port: `192.0.2.7:50012`, `[2001:db8::7]:50012`. */
function addressOf(entry: string): string {
  const [, bracketed, plain] = /^\[([^\]]+)\](?::\d+)?$|^([^:]+):\d+$/.exec(entry.trim()) ?? [];
  return (bracketed ?? plain ?? entry.trim()).replace(/^::ffff:/, '');
}
