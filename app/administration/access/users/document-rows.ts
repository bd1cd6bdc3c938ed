import type { UserRow } from './user-row';

/**
 * A document contains its rows only as table HTML: sending them as data too would add half as much again for the server to
 * render and the browser to parse. During rendering the page hands the rows to its table within the request, under a number
 * that both know; in the browser the table takes over the existing HTML. Views that the client fetches get rows as data.
 */
export type InDocument = { inDocument: number };
export type HandedRows = InDocument & { rows: UserRow[] };
export type Rows = UserRow[] | InDocument;

export const BODY_ID = 'users';

// `lib/sessions/passage.ts` is server-only, so this declares just the part of the passage that is used here.
type Passages = { rollcallPassages?: { getStore(): { rows?: HandedRows } | undefined } };

/** @throws if this is not the request that the rows were read for */
export function rowsOfRequest({ inDocument }: InDocument): UserRow[] {
  const handed = (globalThis as Passages).rollcallPassages?.getStore()?.rows;
  if (handed?.inDocument !== inDocument) throw new Error('The rows of this document were not handed to its table.');
  return handed.rows;
}

let taken: string | undefined;

/** Cached for client-side navigation back to this view: the table is rendered again, but its rows are not sent again. */
export function rowsOfDocument(): string | undefined {
  // A table has at least one row, so an empty one has lost its rows.
  taken ||= document.getElementById(BODY_ID)?.innerHTML;
  return taken || undefined;
}
