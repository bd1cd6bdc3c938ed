import type { UserRow } from './user-row';

/**
 * The rows of a document stand in its table, and nowhere else in it: as data too they would be half as much again, to be made
 * by the server and read by the browser. While the document is made they are handed from the page to its table inside the
 * request, by a number that both know; in the browser the table takes over what stands there. Views that the client fetches
 * bring their rows as data.
 */
export type InDocument = { inDocument: number };
export type HandedRows = InDocument & { rows: UserRow[] };
export type Rows = UserRow[] | InDocument;

export const BODY_ID = 'users';

// `lib/sessions/passage.ts` is not for the browser, so of the passage only this much is known here.
type Passages = { rollcallPassages?: { getStore(): { rows?: HandedRows } | undefined } };

/** @throws where this is not the request that the rows were read for */
export function rowsOfRequest({ inDocument }: InDocument): UserRow[] {
  const handed = (globalThis as Passages).rollcallPassages?.getStore()?.rows;
  if (handed?.inDocument !== inDocument) throw new Error('The rows of this document were not handed to its table.');
  return handed.rows;
}

let taken: string | undefined;

/** Kept for who comes back to this view within the browser: the table is made anew then, its rows are not sent again. */
export function rowsOfDocument(): string | undefined {
  // There is at least one, or there is no table: an empty one has lost them.
  taken ||= document.getElementById(BODY_ID)?.innerHTML;
  return taken || undefined;
}
