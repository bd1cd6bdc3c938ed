import type { IncomingHttpHeaders } from 'node:http';

/**
 * What a client may say about where it comes from. Anybody can write these headers, so only what our own proxies wrote is
 * kept: `hops` of them stand before us (TRUSTED_PROXIES). With none, the address is the socket's.
 * Afterwards `x-forwarded-for` is exactly one address, and the only one that the app reads.
 */
const WRITTEN_BY_PROXIES = ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-real-ip', 'forwarded'];
/** The framework's own signals between its parts; from outside they are forgeries. */
const INTERNAL = /^x-(?:middleware|nextjs|invoke|matched-path|vercel)/;

export function trustForwarded(headers: IncomingHttpHeaders, socketAddress: string | undefined, hops: number): void {
  const socket = (socketAddress ?? '').replace(/^::ffff:/, '');
  // Each proxy appends the address it was called from; the last hop is the socket itself.
  const chain = [...String(headers['x-forwarded-for'] ?? '').split(','), socket]
    .map((address) => address.trim())
    .filter(Boolean);
  headers['x-forwarded-for'] = chain[Math.max(0, chain.length - 1 - hops)] ?? socket;
  for (const name of Object.keys(headers)) {
    if (INTERNAL.test(name) || (hops === 0 && WRITTEN_BY_PROXIES.includes(name))) delete headers[name];
  }
}
