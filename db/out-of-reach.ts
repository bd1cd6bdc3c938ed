/** When the database was last out of reach. The gate, pages and server are bundled separately but share `globalThis`. */
const shared = globalThis as typeof globalThis & { rollcallOutOfReachAt?: number };

/**
 * Codes of the driver and the system: no connection, or no longer one. 57P0x: the server is shutting down or starting
 * (PostgreSQL, appendix A).
 */
const GONE = /^(?:CONNECT|ECONN|EPIPE|ETIMEDOUT|57P0)/;

export function noteIfOutOfReach(error: unknown): void {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && GONE.test(code)) shared.rollcallOutOfReachAt = Date.now();
  else if (cause !== undefined) noteIfOutOfReach(cause);
}

const JUST_NOW_MS = 1_000;

/** A failure right now most likely has this cause, and can be retried in a while. */
export const isOutOfReach = (): boolean => Date.now() - (shared.rollcallOutOfReachAt ?? 0) < JUST_NOW_MS;
