import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';

/** Cells that a spreadsheet would run as a formula get a leading apostrophe (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
/** In many locales spreadsheets split cells at semicolons, even inside quotes unless the quote begins the cell. */
const BEHIND_SEPARATOR = /([;\t\r\n])(?=[=+\-@＝＋－＠])/g;
const guarded = (text: string) => `${FORMULA.test(text) ? "'" : ''}${text.replace(BEHIND_SEPARATOR, "$1'")}`;

/** Streams rows as CSV (RFC 4180, UTF-8 with a byte order mark for spreadsheets) at the reader's pace, in constant memory. */
export function csvStream(rows: AsyncIterable<string[]>): ReadableStream<Uint8Array> {
  const csv = stringify({ bom: true, record_delimiter: 'windows', quoted_match: /[\r\n]/, cast: { string: guarded } });
  // When the reader goes away, the stream closes and the reading of rows ends with it.
  pipeline(Readable.from(rows), csv, () => {});
  return Readable.toWeb(csv) as ReadableStream<Uint8Array>;
}
