import { CsvError, parse } from 'csv-parse/sync';
import { ROLE_NAMES, ROLES, type Role } from '@/lib/actor';

/**
 * Parses the text that somebody pastes or uploads to invite many: a list of addresses ("Ada <ada@example.com>" too), or CSV with
 * or without a header, separated by comma, semicolon or tab. Pure: looks nothing up. A line that it cannot interpret is kept as
 * it is.
 */
export type BatchRow = {
  line: number;
  email: string;
  firstName: string;
  lastName: string;
  role: Role | null;
  /** The text in the role column if it is not a role. */
  unknownRole: string | null;
};

export const BATCH_MOST = 10_000;

/** Thrown for a text that looks like a table but cannot be parsed from this line on. */
export class Unreadable extends Error {
  constructor(readonly line: number) {
    super(`The text is no table from line ${line} on.`);
  }
}

const NEWLINE = /\r\n|\r|\n/;

type Column = 'email' | 'firstName' | 'lastName' | 'role';
/** Column names, compared by their letters and digits alone: "E-mail Address", "first_name". */
const NAMES: Record<string, Column> = {
  email: 'email',
  emailaddress: 'email',
  mail: 'email',
  firstname: 'firstName',
  givenname: 'firstName',
  lastname: 'lastName',
  surname: 'lastName',
  familyname: 'lastName',
  role: 'role',
};
const columnOf = (name: string) => NAMES[name.toLowerCase().replace(/[^a-z0-9]/g, '')];
const USUAL: Column[] = ['email', 'firstName', 'lastName', 'role'];
/** The first line of some files for Excel, which declares the separator. */
const PARTED = /^\uFEFF?[ "]*sep=(.)["]?[ ]*(?:\r\n|\r|\n)/i;

export function parseBatch(given: string): BatchRow[] {
  // The database cannot store NUL.
  const text = given.replaceAll('\0', '\uFFFD');
  const parted = PARTED.exec(text)?.[0] ?? '';
  const skipped = parted ? 1 : 0;
  try {
    return readBatch(text.slice(parted.length)).map((row) => ({ ...row, line: row.line + skipped }));
  } catch (error) {
    throw error instanceof Unreadable ? new Unreadable(error.line + skipped) : error;
  }
}

function readBatch(text: string): BatchRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(NEWLINE);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  const delimiter = delimiterOf(first);
  if (isHeader(first, delimiter) || isTable(lines)) return parseTable(text, delimiter);
  // A single column of addresses: its header is skipped.
  return parseList(columnOf(first) === 'email' ? lines.map((line) => (line === first ? '' : line)) : lines);
}

/** A header assigns the columns, so that an address in another column (a manager's) is not taken for an invitation. */
const isHeader = (line: string, delimiter: string) =>
  line.includes(delimiter) && !line.includes('@') && line.split(delimiter).some((name) => columnOf(name) === 'email');

/** Without a header, a table has a separator in some line, at most one address per line, and none in angle brackets. */
const isTable = (lines: string[]) =>
  lines.some((line) => /[,;\t]/.test(line)) &&
  lines.every((line) => (line.match(/[^\s@]@[^\s@]/g) ?? []).length <= 1) &&
  !lines.some((line) => /<[^<>@]+@[^<>@]+>/.test(line));

const delimiterOf = (line: string) =>
  [',', ';', '\t'].reduce((best, each) => (line.split(each).length > line.split(best).length ? each : best));

function parseTable(text: string, delimiter: string): BatchRow[] {
  const table = readTable(text, delimiter);
  const named = table[0]?.record.map(columnOf);
  const hasHeader = named?.includes('email') ?? false;
  const columns = hasHeader && named ? named : USUAL;
  return table.slice(hasHeader ? 1 : 0).map(({ record, info }) => {
    const cell = (column: Column) => record[columns.indexOf(column)] ?? '';
    const role = roleOf(cell('role'));
    return {
      line: info.lines,
      email: cell('email'),
      firstName: cell('firstName'),
      lastName: cell('lastName'),
      role,
      unknownRole: role === null && cell('role') !== '' ? cell('role') : null,
    };
  });
}

function readTable(text: string, delimiter: string): { record: string[]; info: { lines: number } }[] {
  const options = {
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    trim: true,
  } as const;
  try {
    return parse(text, options) as unknown as ReturnType<typeof readTable>;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // An unclosed quote takes in all that follows. It was opened in the row that the parser began last.
    const whole = Buffer.from(text).subarray(0, Number(error.bytes_records)).toString();
    throw new Unreadable(whole.split(NEWLINE).length);
  }
}

function parseList(lines: string[]): BatchRow[] {
  return lines.flatMap((line, i) =>
    // A quoted name may contain a comma.
    (line.match(/(?:"[^"]*"|[^,;\t])+/g) ?? [])
      .map((part) => part.trim())
      .filter(Boolean)
      .map((part) => {
        const [, name = '', email = part] = /^([^<]*)<([^>]*)>$/.exec(part) ?? [];
        return { line: i + 1, email: email.trim(), ...namesOf(name), role: null, unknownRole: null };
      }),
  );
}

/** "Ada King Lovelace", or "Lovelace, Ada". */
function namesOf(name: string): { firstName: string; lastName: string } {
  const bare = name.replaceAll('"', '').trim();
  const [last = '', first] = bare.split(/,\s*/, 2);
  if (first) return { firstName: first, lastName: last };
  const [firstName = '', ...rest] = bare.split(/\s+/);
  return { firstName, lastName: rest.join(' ') };
}

/** "Tenant Admin", "tenant_admin" and "admin" mean the same. */
function roleOf(cell: string): Role | null {
  const word = cell.toLowerCase().replace(/[_-]/g, ' ').trim();
  if (word === 'admin') return 'tenant_admin';
  if (word === 'standard' || word === 'user') return 'standard_user';
  return ROLES.find((role) => ROLE_NAMES[role].toLowerCase() === word) ?? null;
}
