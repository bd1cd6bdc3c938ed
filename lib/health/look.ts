import { statfs } from 'node:fs/promises';
import { sql } from 'drizzle-orm';
import nodemailer from 'nodemailer';
import { db, replica } from '@/db/client';
import { askClock, WrongClock } from '@/db/clock';
import { ownMigration } from '@/db/own-migration';
import { env } from '@/lib/env';
import { keyPairs } from '@/lib/saml/keys';

/** The result of one check: `words` for the public, `details` for the operator. */
export type Finding = { part: string; level: 'ok' | 'warning' | 'wrong'; words: string; details?: string };

const ANSWERS_WITHIN_MS = 3_000;
const REPLICA_WITHIN_MS = 1_000;
const MAIL_EVERY_MS = 60_000;
const MAIL_WITHIN_MS = 2_000;
const LEAST_FREE_BYTES = 1024 ** 3;
const LEAST_FREE_SHARE = 0.05;

const ok = (part: string): Finding => ({ part, level: 'ok', words: 'ok' });

export async function look(): Promise<Finding[]> {
  const ofDatabase = await within(ANSWERS_WITHIN_MS, database()).catch(unreachable);
  return [...ofDatabase, await mail()];
}

const database = async (): Promise<Finding[]> => [
  await schema(),
  ...(await Promise.all([keys(), clock(), disk(), ...(env().DATABASE_REPLICA_URL ? [other()] : [])])),
];

const unreachable = (error: unknown): Finding[] => [
  { part: 'database', level: 'wrong', words: 'unreachable', details: wordsOf(error) },
];

/** An older program with a newer schema is a deployment in progress. The other way round, a database was restored. */
async function schema(): Promise<Finding> {
  const wanted = await latestMigration();
  const [row] = await db.execute<{ at: string }>(sql`select max(created_at) as at from drizzle.__drizzle_migrations`);
  if (Number(row?.at ?? 0) >= wanted.when) return ok('database');
  const details = `The database lacks the migration ${wanted.tag}. Restart: each start brings the schema up to date.`;
  return { part: 'database', level: 'wrong', words: 'its schema is older than the program', details };
}

let migration: ReturnType<typeof ownMigration> | undefined;
function latestMigration() {
  migration ??= ownMigration().catch((error: unknown) => {
    migration = undefined;
    throw error;
  });
  return migration;
}

/** With a wrong sealing key, links, mails and second factors cannot be opened, so the process must not serve. */
const keys = (): Promise<Finding> =>
  keyPairs().then(
    () => ok('keys'),
    (error: unknown) => ({
      part: 'keys',
      level: 'wrong',
      words: 'do not open what is sealed',
      details: `${wordsOf(error)} SEALING_KEY is not the one of this database.`,
    }),
  );

/** Lists are read there while it keeps up. If it fails, the primary answers instead, so nothing else would reveal it. */
const other = (): Promise<Finding> =>
  within(REPLICA_WITHIN_MS, Promise.resolve(replica()?.execute(sql`select 1`))).then(
    () => ok('replica'),
    (error: unknown) => ({ part: 'replica', level: 'warning', words: 'cannot be reached', details: wordsOf(error) }),
  );

/** Audit entries are dated by us and sealed by the database. A date far from its seal counts as forged. */
const clock = (): Promise<Finding> =>
  askClock().then(
    () => ok('clock'),
    (error: unknown) => {
      if (!(error instanceof WrongClock)) throw error;
      return { part: 'clock', level: 'wrong', words: 'is not that of the database', details: error.message };
    },
  );

/** Free disk space for the database's data, if it is on this machine, as the embedded database's always is. */
async function disk(): Promise<Finding> {
  const folder = await dataFolder();
  const { bavail, blocks, bsize } = folder ? await statfs(folder).catch(() => UNKNOWN) : UNKNOWN;
  const free = bavail * bsize;
  if (!(free < LEAST_FREE_BYTES && bavail < blocks * LEAST_FREE_SHARE)) return ok('disk');
  const details = `${Math.floor(free / 1024 ** 2)} MiB are left for ${folder}.`;
  return { part: 'disk', level: 'warning', words: 'nearly full', details };
}
const UNKNOWN = { bavail: Number.NaN, blocks: 0, bsize: 0 };

let folder: Promise<string | null> | undefined;
function dataFolder(): Promise<string | null> {
  // Readable by few roles, such as the embedded server's own user.
  folder ??= db
    .execute<{ folder: string | null }>(
      sql`select case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end as folder`,
    )
    .then(([row]) => row?.folder ?? null)
    .catch((error: unknown) => {
      folder = undefined;
      throw error;
    });
  return folder;
}

let checked: { at: number; finding: Promise<Finding> } | undefined;

/** Checked rarely, since it connects to the mail server and signs in. Only a warning, since mail waits in the outbox. */
function mail(): Promise<Finding> {
  if (!checked || Math.abs(Date.now() - checked.at) > MAIL_EVERY_MS)
    checked = { at: Date.now(), finding: greetMailServer() };
  return checked.finding;
}

async function greetMailServer(): Promise<Finding> {
  const timeouts = {
    connectionTimeout: MAIL_WITHIN_MS,
    greetingTimeout: MAIL_WITHIN_MS,
    socketTimeout: MAIL_WITHIN_MS,
  };
  const transport = nodemailer.createTransport({ url: env().SMTP_URL, ...timeouts });
  try {
    await transport.verify();
    return ok('mail');
  } catch (error) {
    return { part: 'mail', level: 'warning', words: 'its server takes no mail', details: wordsOf(error) };
  } finally {
    transport.close();
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} seconds`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
