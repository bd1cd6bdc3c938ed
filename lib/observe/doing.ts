import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/**
 * What is being done at this moment, and for whom: a request, from the door to its last line, or work of the product's
 * own. It is found wherever the code has got to, so a line of a command or of the mail worker names the request it is
 * part of. It tells the log and the trace; nothing is ever decided by it.
 */
export type Doing = {
  requestId?: string;
  method?: string;
  /** The pattern of the table of routes: an address itself may hold a token. */
  route?: string;
  /** Of the product's own accord. */
  work?: string;
  tenantId?: string;
  actorId?: string;
};

// The server, the gate and the pages are bundled apart but share `globalThis`.
type Store = { doing: Doing; span: Span | undefined };
const shared = globalThis as typeof globalThis & { rollcallDoing?: AsyncLocalStorage<Store> };
shared.rollcallDoing ??= new AsyncLocalStorage();
const storage = shared.rollcallDoing;

export const during = <T>(doing: Doing, work: () => T, span?: Span): T => storage.run({ doing, span }, work);

export const doingNow = (): Doing | undefined => storage.getStore()?.doing;

/** For whom it is, once that is known. */
export function noteActor(who: { tenantId: string; actorId?: string | null }): void {
  const doing = doingNow();
  if (!doing) return;
  doing.tenantId = who.tenantId;
  if (who.actorId) doing.actorId = who.actorId;
}

export const spanNow = (): Span | undefined => storage.getStore()?.span;

/** A part of the same doing. */
export const within = <T>(span: Span, work: () => T): T => storage.run({ doing: doingNow() ?? {}, span }, work);
