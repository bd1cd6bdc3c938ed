import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/**
 * The work in progress and its tenant: a request, from its arrival to its last log line, or background work. It is
 * available throughout the call chain, so a log line of a command or of the mail worker names its request. Used for the log
 * and traces only; nothing is decided by it.
 */
export type Doing = {
  requestId?: string;
  method?: string;
  /** The route pattern: an address itself may contain a token. */
  route?: string;
  /** The name of background work. */
  work?: string;
  tenantId?: string;
  actorId?: string;
};

// The server, the gate and the pages are bundled separately but share `globalThis`.
type Store = { doing: Doing; span: Span | undefined };
const shared = globalThis as typeof globalThis & { rollcallDoing?: AsyncLocalStorage<Store> };
shared.rollcallDoing ??= new AsyncLocalStorage();
const storage = shared.rollcallDoing;

export const during = <T>(doing: Doing, work: () => T, span?: Span): T => storage.run({ doing, span }, work);

export const doingNow = (): Doing | undefined => storage.getStore()?.doing;

/** Sets the tenant and the actor, once they are known. */
export function noteActor(who: { tenantId: string; actorId?: string | null }): void {
  const doing = doingNow();
  if (!doing) return;
  doing.tenantId = who.tenantId;
  if (who.actorId) doing.actorId = who.actorId;
}

export const spanNow = (): Span | undefined => storage.getStore()?.span;

/** Runs a part of the same work under its own span. */
export const within = <T>(span: Span, work: () => T): T => storage.run({ doing: doingNow() ?? {}, span }, work);
