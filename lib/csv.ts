import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';

/** What a spreadsheet would run as a formula is preceded by an apostrophe (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
/** In many countries a spreadsheet parts cells by semicolons, inside of quotes too where these do not begin the cell. */
const BEHIND_SEPARATOR = /([;\t\r\n])(?=[=+\-@＝＋－＠])/g;
const guarded = (text: string) => `${FORMULA.test(text) ? "'" : ''}${text.replace(BEHIND_SEPARATOR, "$1'")}`;

/**
 * Rows as CSV (RFC 4180, UTF-8 with a byte order mark for spreadsheets), taken as fast as the reader takes them: constant
 * memory.
 */
export function csvStream(rows: AsyncIterable<string[]>): ReadableStream<Uint8Array> {
  const csv = stringify({ bom: true, record_delimiter: 'windows', quoted_match: /[\r\n]/, cast: { string: guarded } });
  // When the reader goes away, the stream closes and the reading of rows ends with it.
  pipeline(Readable.from(rows), csv, () => {});
  return Readable.toWeb(csv) as ReadableStream<Uint8Array>;
}
