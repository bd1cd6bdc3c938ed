import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import type { TransactionSql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { auditChain } from '@/db/schema/audit';
import { transaction } from '@/db/transaction';
import { systemActor } from '@/lib/actor';
import { exportAudit } from '@/lib/audit/export';
import { hashOf } from '@/lib/audit/line';
import { record } from '@/lib/audit/record';
import { verifyChain, verifyLog } from '@/lib/audit/verify';
import type { Tenant } from '@/lib/tenants/find';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast, newTenant } from '../../support/cast';
import { tamper } from '../../support/tamper';

/** A tenant with ten entries, number 1 its own making. */
async function tenEntries() {
  const tenant = await newTenant();
  for (let i = 2; i <= 10; i++) {
    await transaction((tx, now) => record(tx, now, systemActor(tenant.id), 'users.seeded', null, { users: i }));
  }
  const links = await db.select().from(auditChain).where(eq(auditChain.tenantId, tenant.id)).orderBy(auditChain.number);
  const idOf = (number: number) => links[number - 1]?.entryId ?? '';
  return { tenant, idOf };
}
type Ten = Awaited<ReturnType<typeof tenEntries>>;

type Attack = [name: string, words: RegExp, deed: (sql: TransactionSql, ten: Ten) => Promise<unknown>];

const swap = async (sql: TransactionSql, { tenant, idOf }: Ten) => {
  await sql`update audit_chain set entry_id = ${newId()} where entry_id = ${idOf(4)}`;
  await sql`update audit_chain set entry_id = ${idOf(4)} where entry_id = ${idOf(7)}`;
  await sql`update audit_chain set entry_id = ${idOf(7)} where tenant_id = ${tenant.id} and number = 4`;
};

const ATTACKS: Attack[] = [
  [
    'a changed text',
    /^Entry 5 \(.*users\.seeded\) does not match its seal/,
    (sql, { idOf }) => sql`update audit_entries set actor_label = 'somebody else' where id = ${idOf(5)}`,
  ],
  [
    'a changed detail',
    /^Entry 5 .* does not match/,
    (sql, { idOf }) => sql`update audit_entries set details = '{"users": 6}' where id = ${idOf(5)}`,
  ],
  [
    'a time changed by a millisecond',
    /^Entry 5 .* does not match/,
    (sql, { idOf }) => sql`update audit_entries set at = at + interval '1 ms' where id = ${idOf(5)}`,
  ],
  [
    'a changed name',
    /^Entry 5 .* does not match/,
    (sql, { idOf }) => sql`update audit_entries set target_name = 'x' where id = ${idOf(5)}`,
  ],
  [
    'an entry given to another tenant',
    /^Entry 5 is missing\. Its id was/,
    (sql, { tenant, idOf }) =>
      sql`update audit_entries set tenant_id = (select id from tenants where id <> ${tenant.id} limit 1) where id = ${idOf(5)}`,
  ],
  [
    'a deleted entry',
    /^Entry 5 is missing\. Its id was/,
    (sql, { idOf }) => sql`delete from audit_entries where id = ${idOf(5)}`,
  ],
  [
    'an entry deleted with its link',
    /^Entry 5 is missing\.$/,
    async (sql, { idOf }) => {
      await sql`delete from audit_entries where id = ${idOf(5)}`;
      await sql`delete from audit_chain where entry_id = ${idOf(5)}`;
    },
  ],
  [
    'an entry deleted and the others moved up',
    /^Entry 5 .* does not match/,
    async (sql, { tenant, idOf }) => {
      await sql`delete from audit_entries where id = ${idOf(5)}`;
      await sql`delete from audit_chain where entry_id = ${idOf(5)}`;
      for (let n = 6; n <= 10; n++)
        await sql`update audit_chain set number = ${n - 1} where tenant_id = ${tenant.id} and number = ${n}`;
      await sql`update audit_heads set number = 9 where tenant_id = ${tenant.id}`;
    },
  ],
  ['two entries that changed places', /^Entry 4 .* was changed or moved/, swap],
  [
    'an inserted entry',
    /^An entry of .* has no place in the chain/,
    (sql, { tenant }) => sql`
    insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_label, details)
    values (${newId()}, ${tenant.id}, now(), 'user.signed-out', 'system', 'Rollcall', '{}')`,
  ],
  [
    'an entry inserted with a link of its own',
    /^Entry 11 .* does not match/,
    async (sql, { tenant }) => {
      const id = newId();
      await sql`insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_label, details)
      values (${id}, ${tenant.id}, now(), 'user.signed-out', 'system', 'Rollcall', '{}')`;
      await sql`insert into audit_chain values (${tenant.id}, 11, ${id}, now(), repeat('a', 64))`;
      await sql`update audit_heads set number = 11, hash = repeat('a', 64) where tenant_id = ${tenant.id}`;
    },
  ],
  [
    'the end cut off',
    /^Entry 9 is missing, and all after it: the log went on to number 10/,
    async (sql, { idOf }) => {
      for (const number of [9, 10]) {
        await sql`delete from audit_entries where id = ${idOf(number)}`;
        await sql`delete from audit_chain where entry_id = ${idOf(number)}`;
      }
    },
  ],
  [
    'everything cut off',
    /^Entry 1 is missing, and all after it/,
    async (sql, { tenant }) => {
      await sql`delete from audit_entries where tenant_id = ${tenant.id}`;
      await sql`delete from audit_chain where tenant_id = ${tenant.id}`;
    },
  ],
  [
    'a changed head',
    /^Entry 11 is where the log ends, but its head says otherwise/,
    (sql, { tenant }) => sql`update audit_heads set hash = repeat('b', 64) where tenant_id = ${tenant.id}`,
  ],
];

describe('a log that was tampered with', () => {
  test.each(ATTACKS)('%s is found and named', async (_, words, deed) => {
    const ten = await tenEntries();
    await newTenant();
    expect(await verifyChain(ten.tenant.id)).toMatchObject({ entries: 10, broken: null });
    await tamper((sql) => deed(sql, ten));
    expect((await verifyChain(ten.tenant.id)).broken?.words).toMatch(words);
    // The neighbours' logs are their own.
    expect((await verifyChain((await newTenant()).id)).broken).toBeNull();
  });

  test('a cut end stays found when the log goes on', async () => {
    const { tenant, idOf } = await tenEntries();
    await tamper(async (sql) => {
      await sql`delete from audit_entries where id = ${idOf(10)}`;
      await sql`delete from audit_chain where entry_id = ${idOf(10)}`;
    });
    await transaction((tx, now) => record(tx, now, systemActor(tenant.id), 'users.seeded', null, { users: 1 }));
    expect((await verifyChain(tenant.id)).broken).toMatchObject({ words: 'Entry 10 is missing.', number: 10 });
  });

  test('an entry with an old date, written through the front door, is named', async () => {
    const { tenant } = await tenEntries();
    const then = new Date(Date.now() - 30 * 86_400_000);
    await transaction((tx) => record(tx, then, systemActor(tenant.id), 'users.seeded', null, { users: 1 }));
    expect((await verifyChain(tenant.id)).broken?.words).toMatch(/^Entry 11 .* was written later than it says/);
  });

  test('of two breaks the first is named', async () => {
    const { tenant, idOf } = await tenEntries();
    await tamper(async (sql) => {
      await sql`update audit_entries set actor_label = 'x' where id in (${idOf(8)}, ${idOf(3)})`;
      await sql`delete from audit_chain where entry_id = ${idOf(6)}`;
    });
    expect((await verifyChain(tenant.id)).broken?.number).toBe(3);
    const other = await tenEntries();
    await tamper(async (sql) => {
      await sql`delete from audit_chain where entry_id = ${other.idOf(2)}`;
      await sql`update audit_entries set actor_label = 'x' where id = ${other.idOf(8)}`;
    });
    expect((await verifyChain(other.tenant.id)).broken?.words).toMatch(/^(Entry 2 is missing|An entry of)/);
  });
});

test('a log that grows while it is verified is not broken', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  let stop = false;
  const writing = (async () => {
    while (!stop) await forceSignOut(ada, { userId: acme.sam.id });
  })();
  const seen = [];
  for (let i = 0; i < 20; i++) seen.push((await verifyChain(acme.tenant.id)).broken);
  stop = true;
  await writing;
  expect(seen.filter((broken) => broken !== null)).toEqual([]);
});

test('a log that takes longer than somebody waits is said to be too long, at a button alone', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  expect(await verifyLog(ada)).toMatchObject({ ok: true, value: { broken: null } });
  expect(await verifyLog(ada, -1)).toEqual({ ok: false, refusal: 'log-too-long' });
  expect(await verifyChain(acme.tenant.id)).toMatchObject({ broken: null });
});

describe('an exported log is verified without us', () => {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-audit-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const verify = (lines: string[], ...head: string[]) => {
    const file = join(dir, `${newId()}.jsonl`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/verify-audit.mjs', file, ...head], {
      encoding: 'utf8',
    });
    return { status, said: `${stdout}${stderr}`.trim() };
  };
  let lines: string[];
  let tenant: Tenant;
  let head: { number: number; hash: string };

  beforeAll(async () => {
    const { acme } = await cast();
    tenant = acme.tenant;
    const ada = await actorOf(acme.ada);
    for (const role of ['tenant_admin', 'standard_user'] as const) await changeRole(ada, { userId: acme.sam.id, role });
    const odd = {
      z: '\u0001\n"\\ \u007f\u2028',
      ä: 1,
      aa: -0.5,
      nested: { long: [1, 'ü🦊', null, { b: true, a: {} }] },
    };
    await transaction((tx, now) => record(tx, now, ada, 'users.exported', null, { filter: odd as never }));
    lines = (await new Response(await exportAudit(ada, {}, 'jsonl')).text()).trim().split('\n');
    head = JSON.parse(lines.at(-1) ?? '');
  });

  test('what is no log is not called unbroken, nor broken where nothing could be read', () => {
    expect(verify([])).toEqual({ status: 2, said: 'There is no entry in the file.' });
    expect(verify([], '1', 'x').status).toBe(1);
    expect(verify([...lines.slice(0, 1), '{"number": 2'])).toEqual({
      status: 1,
      said: 'Line 2 is no entry of an audit log: it is no JSON.',
    });
    const missing = spawnSync(process.execPath, ['scripts/verify-audit.mjs', join(dir, 'x')], { encoding: 'utf8' });
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringMatching(/^The file cannot be read: ENOENT/)]);
  });

  test('whole, with every number from 1 to its own entry', () => {
    expect(verify(lines)).toEqual({
      status: 0,
      said: `All ${lines.length} entries are unbroken. The last is number ${head.number}, with hash ${head.hash}.`,
    });
    expect(lines.map((line) => JSON.parse(line).number)).toEqual(lines.map((_, i) => i + 1));
    expect(JSON.parse(lines.at(-1) ?? '').action).toBe('audit.exported');
    expect(JSON.parse(lines[0] ?? '').tenantId).toBe(tenant.id);
  });

  test('also with its lines in another order', () => {
    expect(verify([...lines].reverse()).status).toBe(0);
  });

  test('against a head that was noted down', () => {
    expect(verify(lines, String(head.number), head.hash).status).toBe(0);
    expect(verify(lines, '3', head.hash)).toMatchObject({
      status: 1,
      said: expect.stringContaining('Line 3, entry 3'),
    });
    expect(verify(lines.slice(0, -1), String(head.number), head.hash)).toEqual({
      status: 1,
      said: `Entry ${head.number}, which was noted down, is not in the file.`,
    });
  });

  test.each<[string, RegExp, number, (line: string, i: number) => string | null]>([
    [
      'a changed line',
      /^Line 3, entry 3 .* was changed/,
      1,
      (line, i) => (i === 2 ? line.replace('tenant_admin', 'standard_user').replace('system', 'user') : line),
    ],
    ['a missing line', /entry 3 is the first/, 3, (line, i) => (i === 2 ? null : line)],
    [
      'a line with another number',
      /^Line 3, entry 30 .* was changed/,
      1,
      (line, i) => (i === 2 ? line.replace('"number":3', '"number":30') : line),
    ],
  ])('%s is named', (_, words, status, change) => {
    const changed = lines.flatMap((line, i) => change(line, i) ?? []);
    expect(changed).not.toEqual(lines);
    expect(verify(changed)).toEqual({ status, said: expect.stringMatching(words) });
  });

  test('a line forged with a hash of its own does not fit its neighbours', () => {
    const { hash: _, ...third } = JSON.parse(lines[2] ?? '');
    const forged = { ...third, actorLabel: 'mallory' };
    const hash = hashOf(forged);
    const changed = lines.map((line, i) => (i === 2 ? JSON.stringify({ ...forged, hash }) : line));
    expect(verify(changed)).toMatchObject({ status: 1, said: expect.stringContaining('Line 4, entry 4') });
  });
});
