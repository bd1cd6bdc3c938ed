import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { z } from 'zod';
import { copyIn, copyOut } from './copy';
import { ownMigration } from './own-migration';
import { UNHURRIED } from './unhurried';

/**
 * Writes the whole database to one file, and restores it. The file is text as `psql` reads it, gzipped: a header line, a COPY
 * for each table, and a line with the row counts. It is written from one snapshot while the product runs, and read in one
 * transaction, so a restore is complete or has no effect. Both work in chunks. Sealed values stay sealed: the key is not part
 * of the file.
 */
export type Head = { format: number; madeAt: string; migration: { tag: string; when: number }; keyProof: string };
export type Rows = Record<string, number>;

const HEAD = '-- Rollcall backup ';
const END = '-- end ';
const COPY = /^COPY public\."(\w+)" \(((?:"\w+", )*"\w+")\) FROM stdin;\n$/;
const NEWLINE = 10;
const BATCH_BYTES = 65_536;

/** Its message is for the operator. */
export class BackupError extends Error {}

/** The file gets its name only once it is complete. */
export async function writeBackup(
  databaseUrl: string,
  file: string,
  keyProof: string,
): Promise<{ head: Head; rows: Rows }> {
  const head: Head = { format: 1, madeAt: new Date().toISOString(), migration: await ownMigration(), keyProof };
  const sql = connection(databaseUrl);
  const draft = `${file}-${process.pid}`;
  const rows: Rows = {};
  try {
    await sql.begin('isolation level repeatable read read only', (tx) =>
      pipeline(
        Readable.from(textOf(tx, head, rows)),
        createGzip(),
        createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
      ),
    );
    await rename(draft, file);
    return { head, rows };
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

async function* textOf(tx: TransactionSql, head: Head, rows: Rows): AsyncGenerator<string | Buffer> {
  // Fail rather than export only the visible part of the rows.
  await tx`set local row_security = off`;
  yield `${HEAD}${JSON.stringify(head)}\n`;
  for (const { name, columns } of await tablesOf(tx)) {
    let count = 0;
    yield `COPY public."${name}" (${columns}) FROM stdin;\n`;
    for await (const chunk of copyOut(tx, `copy public."${name}" (${columns}) to stdout`)) {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++;
      yield chunk;
    }
    yield '\\.\n';
    rows[name] = count;
  }
  yield `${END}${JSON.stringify(rows)}\n`;
}

/**
 * Restores into a database that has this program's schema, no tenants and no other users. Ends the sessions that were open at
 * the backup: otherwise a session that an admin has ended since would be live again.
 */
export async function readBackup(databaseUrl: string, file: string, isOwnKey: (proof: string) => boolean) {
  const sql = connection(databaseUrl);
  // A damaged file fails here before the reader asks for more; the reader reports the error.
  const source = createReadStream(file);
  const unzipped = createGunzip();
  const read = pipeline(source, unzipped).catch(() => {});
  // It may emit an error before anything reads it.
  unzipped.on('error', () => {});
  try {
    // The product's start takes this lock too, so it waits until the restore ends.
    await sql`select pg_advisory_lock(hashtext('rollcall:migrate'))`;
    return await sql.begin(async (tx) => {
      const lines = linesOf(unzipped);
      const head = await headOf(lines, isOwnKey);
      await refuseUnlessFree(tx);
      const rows = await load(tx, lines);
      const ended = await tx`update sessions set ended_at = now(), end_reason = 'forced' where ended_at is null`;
      await turnTriggers(tx, 'enable');
      return { head, rows, sessionsEnded: ended.count };
    });
  } catch (error) {
    // Refused by the database itself: an invalid value (class 22), or a reference to a missing row (25P02, see `copyIn`).
    if (error instanceof postgres.PostgresError && /^22/.test(error.code)) throw damaged(error.message);
    if (error instanceof postgres.PostgresError && error.code === '25P02')
      throw damaged('its tables do not fit together');
    throw error;
  } finally {
    unzipped.destroy();
    await read;
    await sql.end({ timeout: 0 });
  }
}

type Lines = AsyncGenerator<Buffer>;

async function headOf(lines: Lines, isOwnKey: (proof: string) => boolean): Promise<Head> {
  const first = String((await lines.next()).value ?? '');
  if (!first.startsWith(HEAD)) throw new BackupError('This is no backup of Rollcall.');
  const head = headField.safeParse(json(first.slice(HEAD.length))).data;
  if (!head) throw damaged();
  const own = await ownMigration();
  if (head.format !== 1 || head.migration.when !== own.when)
    throw new BackupError(
      `The backup has the schema ${head.migration.tag}, and this program ${own.tag}. Restore it with the program that made it; then start this one.`,
    );
  if (!isOwnKey(head.keyProof))
    throw new BackupError(
      'What is sealed in the backup does not open with this SEALING_KEY. Bring the one it was made with, or its secrets.json.',
    );
  return head;
}

const headField = z.object({
  format: z.number(),
  madeAt: z.string(),
  migration: z.object({ tag: z.string(), when: z.number() }),
  keyProof: z.string(),
});
const countsField = z.record(z.string(), z.number());

/** Undefined if the text is not JSON. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function refuseUnlessFree(tx: TransactionSql): Promise<void> {
  const [tenant] = await tx`select slug from tenants limit 1`;
  if (tenant)
    throw new BackupError(`The database is not empty: it has the tenant “${tenant.slug}”. Nothing was changed.`);
  const others = await tx`
    select 1 from pg_stat_activity
    where datname = current_database() and application_name = 'rollcall' and pid <> pg_backend_pid()`;
  if (others.length > 0) throw new BackupError('Rollcall is running on this database. Stop it first.');
}

async function load(tx: TransactionSql, lines: Lines): Promise<Rows> {
  const tables = new Map((await tablesOf(tx)).map(({ name, columns }) => [name, columns]));
  await turnTriggers(tx, 'disable');
  // Clears what a first start made, such as the key pair; the backup's own replaces it.
  await tx.unsafe(`truncate ${[...tables.keys()].map((name) => `public."${name}"`).join(', ')}`);
  const rows: Rows = {};
  for await (const line of lines) {
    const text = String(line);
    if (text.startsWith(END)) {
      const meant = countsField.safeParse(json(text.slice(END.length))).data;
      if (!meant) throw damaged();
      const differs = Object.keys({ ...meant, ...rows }).find((name) => meant[name] !== rows[name]);
      if (differs) throw damaged(`${differs} has ${rows[differs]} of ${meant[differs]} rows`);
      return rows;
    }
    const [, name = '', columns] = COPY.exec(text) ?? [];
    // Nothing from the file is run: its COPY line must be exactly the one that we would write.
    if (tables.get(name) !== columns || rows[name] !== undefined) throw damaged();
    let count = 0;
    const given = rowsOf(lines, () => count++);
    await copyIn(tx, `copy public."${name}" (${columns}) from stdin`, given);
    rows[name] = count;
  }
  throw damaged();
}

const damaged = (why = 'it is cut short, or was changed') =>
  new BackupError(`The backup is damaged: ${why}. Nothing was changed.`);

/** Yields rows in batches, up to the mark that ends a table. */
async function* rowsOf(lines: Lines, count: () => void): AsyncGenerator<Buffer> {
  let [batch, bytes]: [Buffer[], number] = [[], 0];
  for (;;) {
    const { value: line, done } = await lines.next();
    if (done) throw damaged();
    const isEnd = line.length === 3 && line.toString() === '\\.\n';
    if (!isEnd) {
      count();
      batch.push(line);
      bytes += line.length;
      if (bytes < BATCH_BYTES) continue;
    }
    if (bytes > 0) yield Buffer.concat(batch);
    if (isEnd) return;
    [batch, bytes] = [[], 0];
  }
}

async function* linesOf(source: AsyncIterable<Buffer>): Lines {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of source) {
      const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let from = 0;
      for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, from)) {
        yield text.subarray(from, at + 1);
        from = at + 1;
      }
      rest = text.subarray(from);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw damaged();
    throw error;
  }
}

type Table = { name: string; columns: string };

/** Each table comes after those that it references. Generated columns are left out; they are computed again. */
async function tablesOf(tx: TransactionSql): Promise<Table[]> {
  const found = await tx<(Table & { needs: string[] })[]>`
    select relname as name,
      (select string_agg('"' || attname || '"', ', ' order by attnum) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns,
      array(select relname::text from pg_constraint f join pg_class o on o.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and o.oid <> c.oid) as needs
    from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`;
  const placed: Table[] = [];
  while (placed.length < found.length) {
    const names = new Set(placed.map(({ name }) => name));
    const next = found.find(({ name, needs }) => !names.has(name) && needs.every((need) => names.has(need)));
    if (!next) throw new Error('These tables refer to each other in a circle.');
    placed.push({ name: next.name, columns: next.columns });
  }
  return placed;
}

/** The product's triggers record and guard changes, and these rows were changed long ago. Foreign keys are still checked. */
async function turnTriggers(tx: TransactionSql, turn: 'enable' | 'disable'): Promise<void> {
  for (const { name } of await tablesOf(tx)) await tx.unsafe(`alter table public."${name}" ${turn} trigger user`);
}

const connection = (databaseUrl: string): Sql =>
  postgres(databaseUrl, { ...UNHURRIED, onnotice: () => {}, connection: { ...UNHURRIED.connection, TimeZone: 'UTC' } });
