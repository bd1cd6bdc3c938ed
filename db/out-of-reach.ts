/** That the database could not be reached. Gate, pages and server are bundled apart but share `globalThis`. */
const shared = globalThis as typeof globalThis & { rollcallOutOfReachAt?: number };

/** Of the driver and the system: no connection, or none any more. 57P0x: it is shutting down, or starting (PostgreSQL, appendix A). */
const GONE = /^(?:CONNECT|ECONN|EPIPE|ETIMEDOUT|57P0)/;

export function noteIfOutOfReach(error: unknown): void {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && GONE.test(code)) shared.rollcallOutOfReachAt = Date.now();
  else if (cause !== undefined) noteIfOutOfReach(cause);
}

const JUST_NOW_MS = 1_000;

/** What fails now fails for that, most likely, and can be asked again in a while. */
export const isOutOfReach = (): boolean => Date.now() - (shared.rollcallOutOfReachAt ?? 0) < JUST_NOW_MS;
