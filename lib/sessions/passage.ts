import { AsyncLocalStorage } from 'node:async_hooks';
import type { LiveSession } from './find';

/**
 * Passes data between the parts of one request within this process: the gate gives its session look-up to the page, so that
 * authority is read once per request, and the page tells the server in front until when it is valid. The server opens it. Nothing
 * in it comes from the browser or goes there, so it cannot be forged. Without one, each part reads for itself.
 */
export type Passage = {
  /**
   * The build, if the answer is a document that a browser may cache; null for anything else, such as views that its client
   * fetches.
   */
  build: string | null;
  begun: number;
  session?: { token: string; found: LiveSession };
  /** Set by the gate: gives the answer's tag if it is valid until then (milliseconds). */
  tagUntil?: (until: number) => string;
  /** Set by the page: until when it is valid if nothing is changed. A page that does not set it is never cached. */
  stands?: number;
  /** Set by the page for the component that shows the rows, if they are sent only in its document (users/document-rows.ts). */
  rows?: unknown;
  gateMs?: number;
  queryMs?: number;
};

// The server, the gate and the pages are bundled separately but share `globalThis`.
const shared = globalThis as typeof globalThis & { rollcallPassages?: AsyncLocalStorage<Passage> };
shared.rollcallPassages ??= new AsyncLocalStorage();
const passages = shared.rollcallPassages;

export const inPassage = <T>(passage: Passage, work: () => T): T => passages.run(passage, work);

export const passageNow = (): Passage | undefined => passages.getStore();
