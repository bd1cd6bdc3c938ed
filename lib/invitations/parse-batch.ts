import { parse } from 'csv-parse/sync';
import { ROLE_NAMES, ROLES, type Role } from '@/lib/actor';

/**
 * What somebody pastes or uploads to invite many: a list of addresses ("Ada <ada@example.com>" too), or CSV with or
 * without a header, by comma, semicolon or tab. Pure; nothing is looked up, and a line that makes no sense is kept as it is.
 */
export type BatchRow = {
  line: number;
  email: string;
  firstName: string;
  lastName: string;
  role: Role | null;
  /** What stands where a role should, and is none. */
  unknownRole: string | null;
};

export const BATCH_MOST = 10_000;

type Column = 'email' | 'firstName' | 'lastName' | 'role';
const NAMES: Record<string, Column> = {
  email: 'email',
  'e-mail': 'email',
  'email address': 'email',
  mail: 'email',
  'first name': 'firstName',
  firstname: 'firstName',
  'given name': 'firstName',
  'last name': 'lastName',
  lastname: 'lastName',
  surname: 'lastName',
  'family name': 'lastName',
  role: 'role',
};
const USUAL: Column[] = ['email', 'firstName', 'lastName', 'role'];

export function parseBatch(text: string): BatchRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  return isTable(lines) ? parseTable(text, delimiterOf(first)) : parseList(lines);
}

/** A table has at most one address in a line, and more than addresses in some line. */
const isTable = (lines: string[]) =>
  lines.some((line) => /[,;\t]/.test(line)) &&
  lines.every((line) => (line.match(/@/g) ?? []).length <= 1) &&
  !lines.some((line) => /<[^<>@]+@[^<>@]+>/.test(line));

const delimiterOf = (line: string) =>
  [',', ';', '\t'].reduce((best, each) => (line.split(each).length > line.split(best).length ? each : best));

function parseTable(text: string, delimiter: string): BatchRow[] {
  const table = parse(text, {
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    trim: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  const named = table[0]?.record.map((name) => NAMES[name.toLowerCase().replace(/_/g, ' ')]);
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

function parseList(lines: string[]): BatchRow[] {
  return lines.flatMap((line, i) =>
    line
      .split(/[,;\t]/)
      .map((part) => part.trim())
      .filter(Boolean)
      .map((part) => {
        const named = /^"?([^"<]*)(?:"\s*)?<([^>]*)>$/.exec(part);
        const [firstName = '', ...rest] = (named?.[1] ?? '').trim().split(/\s+/);
        const email = named?.[2]?.trim() ?? part;
        return { line: i + 1, email, firstName, lastName: rest.join(' '), role: null, unknownRole: null };
      }),
  );
}

/** "Tenant Admin", "tenant_admin" and "admin" mean the same. */
function roleOf(cell: string): Role | null {
  const word = cell.toLowerCase().replace(/[_-]/g, ' ').trim();
  if (word === 'admin') return 'tenant_admin';
  if (word === 'standard' || word === 'user') return 'standard_user';
  return ROLES.find((role) => ROLE_NAMES[role].toLowerCase() === word) ?? null;
}
