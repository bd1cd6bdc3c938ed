import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { disconnect } from '@/db/client';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import { signInByPassword } from '@/lib/auth/sign-in';
import { env } from '@/lib/env';
import { invite } from '@/lib/invitations/invite';
import { cast, FROM_TEST, operatorOf, PASSWORD, signedIn } from '../support/cast';
import { admin as adminHere, ended, startAdmin } from '../support/shell';

// Each command that starts the server is a process of its own.
vi.setConfig({ testTimeout: 240_000 });

/** The embedded database of a data folder, lost and brought back. */
let dataDir = '';
let server: EmbeddedPostgres;
let sql: Sql;
const given = { ...env() };
const file = () => join(dataDir, 'rollcall.backup');

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rollcall-backup-'));
  await chmod(dataDir, 0o755);
  expect(await admin('tenant', 'list')).toMatchObject({ code: 0 });
  await up();
});
afterAll(async () => {
  await down();
  Object.assign(env(), given);
  await rm(dataDir, { recursive: true, force: true });
});

/** This test's own connection to it, and the product's. */
async function up(): Promise<void> {
  server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
  sql = postgres(server.url, { max: 2, onnotice: () => {}, idle_timeout: 1 });
  const { SEALING_KEY } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
  Object.assign(env(), { DATABASE_URL: server.url, SEALING_KEY });
}
async function down(): Promise<void> {
  await disconnect();
  await sql.end({ timeout: 5 });
  await server.stop();
}

const none = { DATABASE_URL: '', AUTH_SECRET: '', SEALING_KEY: '', SMTP_URL: '' };
const admin = (...args: string[]) => ended(startAdmin(args, { DATA_DIR: dataDir, ...none }));

/** Every row of every table, but how and when sessions ended. */
async function everything(): Promise<Map<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`;
  const all = new Map<string, string[]>();
  for (const { name } of tables) {
    const rows = await sql.unsafe(
      `select (to_jsonb(t) - 'ended_at' - 'end_reason')::text as row from "${name}" t order by 1`,
    );
    all.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return all;
}

/** The folder of the database is gone, the keys are not. */
async function lose(): Promise<void> {
  await down();
  await rm(join(dataDir, 'postgres'), { recursive: true });
}

test('what was lost comes back, row by row, and a person signs in', async () => {
  const { acme } = await cast();
  await invite(operatorOf(acme.tenant), {
    email: 'new@acme.example',
    firstName: 'A\\B\nC',
    lastName: '\u{1f600}',
    role: 'standard_user',
  });
  await signedIn(acme.ada);
  expect(await admin('seed', '--tenant', acme.tenant.slug, '--users', '300')).toMatchObject({ code: 0 });
  const open = await sql`select 1 from sessions where ended_at is null`;
  const before = await everything();
  const made = await admin('backup', file());
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(made.out)).toMatchObject({
    file: file(),
    rows: [...before.values()].flat().length,
    keys: `not in it: keep a copy of ${join(dataDir, 'secrets.json')} elsewhere`,
  });
  expect((await stat(file())).mode & 0o777, 'for its owner alone').toBe(0o600);

  await lose();
  const restored = await admin('restore', file());
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(restored.out)).toMatchObject({ sessionsEnded: open.length, auditLogs: { whole: 2, broken: [] } });
  await up();
  expect(await everything()).toEqual(before);
  expect(await sql`select 1 from sessions where ended_at is null`, 'an old session').toHaveLength(0);
  const signIn = await signInByPassword({ email: acme.ada.email, password: PASSWORD }, FROM_TEST);
  expect(signIn.ok && 'session' in signIn.value).toBe(true);
  const guards = await sql`select tgname from pg_trigger where not tgisinternal and tgenabled <> 'O'`;
  expect(guards, 'the guards stand again').toEqual([]);
});

test('a database with people in it is left as it is', async () => {
  const before = await everything();
  const refused = await admin('restore', file());
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toMatch(/^The database is not empty: it has the tenant “\w+-\d+-\d+”\. Nothing was changed\.\n$/);
  expect(await everything()).toEqual(before);
});

test('a file that is there is not written over, and none stays behind that is not whole', async () => {
  expect((await adminHere(['backup', file()])).err).toBe(`There is a file ${file()} already.\n`);
  const nowhere = await adminHere(['backup', join(dataDir, 'nowhere', 'x')]);
  expect(nowhere).toMatchObject({ code: 1, err: expect.stringMatching(/^The file cannot be used: ENOENT.*\.\n$/) });
  const folder = await adminHere(['restore', dataDir]);
  expect(folder).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^(?:The file cannot be used: EISDIR|This is no backup).*\n$/),
  });
  expect(readdirSync(dataDir).filter((name) => name.startsWith('rollcall.backup'))).toEqual(['rollcall.backup']);
});

/** Into an empty database, which must be as empty afterwards. */
async function refusal(bytes: Buffer): Promise<string> {
  const damaged = join(dataDir, 'damaged.backup');
  writeFileSync(damaged, bytes);
  const { code, err } = await adminHere(['restore', damaged]);
  expect(code).toBe(1);
  expect(await sql`select 1 from tenants`).toHaveLength(0);
  return err.trim();
}

test('what is damaged, of another version or sealed with another key is refused, and nothing of it stays', async () => {
  await lose();
  await up();
  await migrate(server.url);
  const whole = readFileSync(file());
  const text = gunzipSync(whole).toString('utf8');
  const broken = /damaged/;
  expect(await refusal(whole.subarray(0, whole.length / 2)), 'cut short').toMatch(broken);
  expect(await refusal(gzipSync(text.slice(0, text.lastIndexOf('-- end')))), 'without its end').toMatch(broken);
  const [row = ''] = /\n[^\n]*ada@[^\n]*/.exec(text) ?? [];
  expect(await refusal(gzipSync(text.replace(row, ''))), 'a row less').toMatch(broken);
  const [entry = ''] = /(?<=COPY public."audit_entries" [^\n]*\n)[^\n]*\n/.exec(text) ?? [];
  expect(await refusal(gzipSync(text.replace(entry, ''))), 'an entry less').toMatch(
    /audit_entries has \d+ of \d+ rows/,
  );
  const other = text.replace('COPY public."tenants" (', 'COPY public."tenants" ("x", ');
  expect(await refusal(gzipSync(other)), 'another column').toMatch(broken);
  expect(await refusal(Buffer.from('anything')), 'not zipped').toMatch(broken);
  expect(await refusal(gzipSync('select 1;\n'))).toBe('This is no backup of Rollcall.');
  for (const head of ['{}', '{', 'null'])
    expect(await refusal(gzipSync(text.replace(/^-- Rollcall backup .*/, `-- Rollcall backup ${head}`)))).toMatch(
      broken,
    );
  expect(await refusal(gzipSync(text.replace(/-- end .*/, '-- end {')))).toMatch(broken);
  for (let n = 0; n < 5; n++) expect(await refusal(Buffer.alloc(0)), 'empty').toMatch(/damaged|no backup/);
  const older = text.replace(/"when":\d+/, '"when":1');
  expect(await refusal(gzipSync(older))).toMatch(
    /^The backup has the schema .* Restore it with the program that made it/,
  );

  await down();
  const secrets = join(dataDir, 'secrets.json');
  await rename(secrets, `${secrets}.kept`);
  writeFileSync(secrets, anotherKey());
  const otherKey = await admin('restore', file());
  expect(otherKey).toMatchObject({ code: 1, err: expect.stringMatching(/does not open with this SEALING_KEY/) });
  await rename(`${secrets}.kept`, secrets);
  await up();
  expect(await sql`select 1 from tenants`).toHaveLength(0);
});

const anotherKey = () =>
  JSON.stringify({ AUTH_SECRET: 'x'.repeat(40), SEALING_KEY: randomBytes(32).toString('base64') });

test('nothing is sealed by a key that is not the database’s; is that one lost, what is needed is made anew', async () => {
  await down();
  const refused = (words: string) => ({ code: 1, out: '', err: expect.stringContaining(words) });
  expect(await admin('keys', 'make-anew', '--lost')).toMatchObject({ code: 0 });
  const secrets = join(dataDir, 'secrets.json');
  await rename(secrets, `${secrets}.kept`);
  expect(await admin('tenant', 'list')).toMatchObject(refused('secrets.json is missing'));
  expect(readdirSync(dataDir)).not.toContain('secrets.json');
  writeFileSync(secrets, '{}');
  expect(await admin('tenant', 'list')).toMatchObject(refused('secrets.json is damaged'));
  writeFileSync(secrets, anotherKey());
  expect(await admin('backup', join(dataDir, 'other.backup'))).toMatchObject(
    refused('SEALING_KEY is not the one of this database'),
  );
  expect(readdirSync(dataDir)).not.toContain('other.backup');
  const { out } = await admin('keys', 'make-anew', '--lost');
  expect(JSON.parse(out)).toEqual({
    madeAnew: { lastingKeys: expect.arrayContaining(['rate-limits', 'departures']), samlKeys: 1 },
    samlCertificate: expect.stringContaining('BEGIN CERTIFICATE'),
  });
  expect(await admin('tenant', 'list')).toMatchObject({ code: 0 });
  await rename(`${secrets}.kept`, secrets);
  expect(await admin('keys', 'make-anew', '--lost')).toMatchObject({ code: 0 });
  await up();
});

test('while the product runs on it, an empty database is not restored into', async () => {
  const product = postgres(server.url, { max: 1, connection: { application_name: 'rollcall' } });
  await product`select 1`;
  expect((await admin('restore', file())).err).toBe('Rollcall is running on this database. Stop it first.\n');
  await product.end();
});
