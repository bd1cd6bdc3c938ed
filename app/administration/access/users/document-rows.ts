import type { UserRow } from './user-row';

/**
 * The rows of a document stand in its table, and nowhere else in it: as data too they would be half as much again, to be made
 * by the server and read by the browser. While the document is made they are handed from the page to its table inside the
 * request; in the browser the table takes over what stands there. Views that the client fetches bring their rows as data.
 */
export const IN_DOCUMENT = 'in-document';
export type Rows = UserRow[] | typeof IN_DOCUMENT;

// `lib/sessions/passage.ts` is not for the browser, so of the passage only this much is known here.
type Passages = { rollcallPassages?: { getStore(): { rows?: unknown } | undefined } };

export const BODY_ID = 'users';

let taken: string | undefined;

export const rowsOfRequest = (): UserRow[] => (globalThis as Passages).rollcallPassages?.getStore()?.rows as UserRow[];

/** Kept for who comes back to this view within the browser: the table is made anew then, its rows are not sent again. */
export function rowsOfDocument(): string {
  taken ??= document.getElementById(BODY_ID)?.innerHTML ?? '';
  return taken;
}
