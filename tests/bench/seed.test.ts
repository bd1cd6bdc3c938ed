import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { adminOf, bigTenant, PASSWORD, seedLoad } from '@/bench/seed';
import { verifyPassword } from '@/lib/crypto/password';
import { cloneDatabase, dropDatabase } from '../support/database';

const LOAD = { sizes: [500, 40], tenants: 3, of: 20, entries: 600 };
const NAME = `rollcall_load_${process.pid}`;
let url: string;
let sql: postgres.Sql;

const indexes = async () =>
  (await sql`select indexdef from pg_indexes where schemaname = 'public' order by 1`).map(({ indexdef }) => indexdef);

describe('the load that is measured', () => {
  let before: string[];

  beforeAll(async () => {
    url = await cloneDatabase(inject('clusterUrl'), NAME);
    sql = postgres(url, { max: 2, onnotice: () => {} });
    before = await indexes();
    await seedLoad(url, LOAD);
  });
  afterAll(async () => {
    await sql.end();
    await dropDatabase(inject('clusterUrl'), NAME);
  });

  test('is as large as asked, in every tenant', async () => {
    const rows =
      await sql`select slug, count(*)::int as people from users join tenants on tenants.id = tenant_id group by slug order by slug`;
    expect(Object.fromEntries(rows.map(({ slug, people }) => [slug, people]))).toEqual({
      'big-500': 500,
      'big-40': 40,
      'small-1': 20,
      'small-2': 20,
      'small-3': 20,
    });
  });

  test('leaves every index as it was', async () => {
    expect(await indexes()).toEqual(before);
    expect(before.length).toBeGreaterThan(40);
  });

  test('has an admin in each tenant who can sign in', async () => {
    const [admin] = await sql`select password_hash, role, status from users where email = ${adminOf(bigTenant(500))}`;
    expect(admin).toMatchObject({ role: 'tenant_admin', status: 'active' });
    expect(await verifyPassword(admin?.password_hash, PASSWORD)).toBe(true);
  });

  test('has people in every state, and nobody with an impossible past', async () => {
    const states = await sql`select distinct status from users where status <> 'removed'`;
    expect(states).toHaveLength(3);
    const impossible =
      await sql`select 1 from users where last_login_at < created_at or last_login_at > coalesce(removed_at, now())`;
    expect(impossible).toHaveLength(0);
  });

  test('has an audit log whose chain holds', async () => {
    const broken = await sql`
      select 1 from audit_entries e join audit_chain c on c.tenant_id = e.tenant_id and c.entry_id = e.id
      left join audit_chain p on p.tenant_id = c.tenant_id and p.number = c.number - 1
      where c.hash <> encode(sha256(convert_to(audit_line(e, c.number, c.sealed_at, coalesce(p.hash, '')), 'UTF8')), 'hex')`;
    expect(broken).toHaveLength(0);
    const [heads] = await sql`select count(*)::int as n, sum(number)::int as entries from audit_heads h
      where hash = (select hash from audit_chain c where c.tenant_id = h.tenant_id and c.number = h.number)`;
    const [entries] = await sql`select count(*)::int as n from audit_entries`;
    expect(heads).toEqual({ n: 5, entries: entries?.n });
    expect(entries?.n).toBeGreaterThan(600);
  });

  test('is not poured over people who are there', async () => {
    await expect(seedLoad(url, LOAD)).rejects.toThrow('There are people in this database');
  });
});
