import { AsyncLocalStorage } from 'node:async_hooks';
import type { LiveSession } from './find';

/**
 * What the parts of one request hand each other inside this process: the gate its look-up of the session to the page, so
 * that authority is read once in each request, and the page to the server in front until when it stands. The server opens
 * it. Nothing of it comes from the browser or goes there, so nothing of it can be forged; where nobody has opened one, each
 * part reads for itself.
 */
export type Passage = {
  /** The build that answers with a document which a browser may keep; null for all else, as the views its client fetches. */
  build: string | null;
  begun: number;
  session?: { token: string; found: LiveSession };
  /** By the gate: what names this answer, if it stands until then (milliseconds). */
  tagUntil?: (until: number) => string;
  /** By the page: until when it stands, if nothing is changed. A page that does not say is kept by nobody. */
  stands?: number;
  /** By the page to what shows them, where its document is all they are sent in (users/document-rows.ts). */
  rows?: unknown;
  gateMs?: number;
  queryMs?: number;
};

// The server, the gate and the pages are bundled apart but share `globalThis`.
const shared = globalThis as typeof globalThis & { rollcallPassages?: AsyncLocalStorage<Passage> };
shared.rollcallPassages ??= new AsyncLocalStorage();
const passages = shared.rollcallPassages;

export const inPassage = <T>(passage: Passage, work: () => T): T => passages.run(passage, work);

export const passageNow = (): Passage | undefined => passages.getStore();
