import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { newId } from '@/db/id';
import { auditChain, auditEntries, entryColumns } from '@/db/schema/audit';
import { hashOf, lineOf } from '@/lib/audit/line';
import { verifyChain } from '@/lib/audit/verify';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast, newTenant, newUser } from '../support/cast';
import { databaseUrl } from '../support/database';

const sql = postgres(String(process.env.DATABASE_URL), { max: 8, onnotice: () => {}, connection: { TimeZone: 'UTC' } });
afterAll(() => sql.end());

const entry = (tenant: string, more = {}) => ({
  id: newId(),
  tenant_id: tenant,
  at: new Date(),
  action: 'user.signed-out',
  actor_kind: 'system',
  actor_label: 'Rollcall',
  details: {},
  ...more,
});

describe('the audit log only grows', () => {
  const ROWS = { audit_entries: 'action', audit_chain: 'hash', audit_heads: 'hash' };

  test.each(Object.entries(ROWS))('%s: no change, deletion or truncation, also by the owner', async (table, column) => {
    await cast();
    for (const statement of [
      `update ${table} set ${column} = 'x'`,
      `update ${table} set ${column} = 'x' where false`,
      `delete from ${table}`,
      `truncate ${table}`,
      `truncate ${table}, tenants cascade`,
    ]) {
      await expect(sql.unsafe(statement), statement).rejects.toThrow('the audit log only grows');
    }
  });

  test('nobody writes a link or a head of their own', async () => {
    const { acme } = await cast();
    await expect(sql`insert into audit_chain values (${acme.tenant.id}, 99, ${newId()}, now(), 'x')`).rejects.toThrow(
      'only grows',
    );
    await expect(sql`insert into audit_heads values (${newId()}, 1, 'x')`).rejects.toThrow('only grows');
  });

  test('a role that owns the tables and is no superuser has not even the privilege', async () => {
    const rows = await sql`
      select privilege_type from information_schema.role_table_grants
      where table_name in ('audit_entries', 'audit_chain') and grantee = current_user
        and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')`;
    expect(rows).toEqual([]);
  });

  test('a tenant with a log cannot be deleted', async () => {
    const tenant = await newTenant();
    await expect(sql`delete from tenants where id = ${tenant.id}`).rejects.toThrow();
  });
});

describe('every entry is sealed at the commit', () => {
  test('with the numbers 1, 2, 3 … of its tenant, and the head at the last', async () => {
    const { acme } = await cast();
    await forceSignOut(await actorOf(acme.ada), { userId: acme.sam.id });
    const links =
      await sql`select number, entry_id, hash from audit_chain where tenant_id = ${acme.tenant.id} order by number`;
    const entries = await sql`select id from audit_entries where tenant_id = ${acme.tenant.id} order by id`;
    expect(links.map(({ entry_id }) => entry_id)).toEqual(entries.map(({ id }) => id));
    expect(links.map(({ number }) => number)).toEqual(links.map((_, i) => i + 1));
    const [head] = await sql`select number, hash from audit_heads where tenant_id = ${acme.tenant.id}`;
    expect(head).toEqual({ number: links.length, hash: links.at(-1)?.hash });
  });

  test('many in one transaction, and none of one that is rolled back', async () => {
    const tenant = await newTenant();
    await sql.begin((tx) => tx`insert into audit_entries ${tx(Array.from({ length: 500 }, () => entry(tenant.id)))}`);
    await sql
      .begin(async (tx) => {
        await tx`insert into audit_entries ${tx(entry(tenant.id))}`;
        throw new Error('not so');
      })
      .catch(() => {});
    expect(await verifyChain(tenant.id)).toMatchObject({ entries: 501, broken: null });
  });

  test('when many are written at the same moment', async () => {
    const { acme } = await cast();
    const people = await Promise.all(Array.from({ length: 6 }, (_, i) => newUser(acme.tenant, `p${i}`)));
    const ada = await actorOf(acme.ada);
    const deeds = people.flatMap((user) => [
      () => forceSignOut(ada, { userId: user.id }),
      () => changeRole(ada, { userId: user.id, role: 'tenant_admin' }),
    ]);
    await Promise.all(deeds.map((deed) => deed()));
    const { entries, broken } = await verifyChain(acme.tenant.id);
    expect([entries, broken]).toEqual([13, null]);
  });

  test('a deed of one tenant does not wait for another tenant’s, nor for one of its own before its commit', async () => {
    const { acme, globex } = await cast();
    const holding = await sql.reserve();
    await holding`begin`;
    await holding`insert into audit_entries ${sql(entry(acme.tenant.id))}`;
    await sql`insert into audit_entries ${sql(entry(acme.tenant.id))}`;
    // Now as if the commit itself hung: the head of this tenant is held.
    await holding`set constraints all immediate`;
    await sql`insert into audit_entries ${sql(entry(globex.tenant.id))}`;
    await holding`rollback`;
    holding.release();
    expect((await verifyChain(acme.tenant.id)).broken).toBeNull();
    expect((await verifyChain(globex.tenant.id)).broken).toBeNull();
  });
});

describe('entries from before the chain', () => {
  const name = `before_the_chain_${process.pid}`;
  const cluster = postgres(inject('clusterUrl'), { max: 1, onnotice: () => {} });
  beforeAll(async () => {
    await cluster.unsafe(`create database ${name}`);
  });
  afterAll(async () => {
    await cluster.unsafe(`drop database ${name} with (force)`);
    await cluster.end();
  });

  test('are sealed by the migration, in the order of time', async () => {
    const old = postgres(databaseUrl(inject('clusterUrl'), name), { max: 1, onnotice: () => {} });
    const journal = JSON.parse(readFileSync('db/migrations/meta/_journal.json', 'utf8')) as {
      entries: { tag: string }[];
    };
    const files = journal.entries.map(({ tag }) => readFileSync(`db/migrations/${tag}.sql`, 'utf8'));
    // One by one: an index that is built beside its writers stands in no transaction.
    const migrate = async (some: string[]) => {
      for (const statement of some.flatMap((file) => file.split('--> statement-breakpoint')))
        await old.unsafe(statement);
    };
    const chain = files.findIndex((file) => file.includes('CREATE FUNCTION audit_seal'));
    await migrate(files.slice(0, chain));
    const tenants = [newId(), newId()];
    for (const id of tenants) {
      await old`insert into tenants (id, slug, name) values (${id}, ${id}, 'Old')`;
      const details = { before: { z: 'ä\n"', email: '\u0001' }, after: [1, null, true], n: 12 };
      const at = new Date('2026-01-01T00:00:00.123Z');
      for (let i = 0; i < 3; i++) await old`insert into audit_entries ${old(entry(id, { details, at }))}`;
    }
    await migrate(files.slice(chain));
    const read = drizzle(old);
    for (const id of tenants) {
      const links = await read.select().from(auditChain).where(eq(auditChain.tenantId, id)).orderBy(auditChain.number);
      const entries = await read
        .select(entryColumns)
        .from(auditEntries)
        .where(eq(auditEntries.tenantId, id))
        .orderBy(auditEntries.id);
      let previous = '';
      for (const [i, link] of links.entries()) {
        const own = entries[i];
        expect(own && [i + 1, own.id, hashOf(lineOf(own, link, previous))]).toEqual([
          link.number,
          link.entryId,
          link.hash,
        ]);
        previous = link.hash;
      }
      expect(links).toHaveLength(3);
    }
    await old.end();
  });
});
