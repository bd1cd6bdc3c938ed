import postgres from 'postgres';
import { expect, test } from 'vitest';
import { newId } from '@/db/id';
import { newTenant } from '../support/cast';

/** In a database of its own: among many small tenants the planner would think better of a long log than it is. */
test('a link costs no more in a long log: it is found by the index', async () => {
  const { id } = await newTenant();
  const entry = () => ({
    id: newId(),
    tenant_id: id,
    at: new Date(),
    action: 'user.signed-out',
    actor_kind: 'system',
    actor_label: 'Rollcall',
    details: {},
  });
  // One connection, past the first five runs of a statement, from which on its plan may be one for all values.
  const sql = postgres(String(process.env.DATABASE_URL), { max: 1, onnotice: () => {} });
  for (let i = 0; i < 4; i++) await sql`insert into audit_entries ${sql(Array.from({ length: 1000 }, entry))}`;
  await sql`analyze audit_chain`;
  const scanned = async () => {
    await sql`select pg_stat_force_next_flush()`;
    const [row] = await sql`select seq_tup_read::int as n from pg_stat_user_tables where relname = 'audit_chain'`;
    return row?.n;
  };
  const before = await scanned();
  for (let i = 0; i < 20; i++) await sql`insert into audit_entries ${sql(entry())}`;
  expect(await scanned()).toBe(before);
  await sql.end();
});
