import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { startEmbeddedPostgres } from '@/db/embedded';
import { newId } from '@/db/id';
import { migrate } from '@/db/migrate';
import { quantile } from '../measure';
import type { Row } from '../results';

/**
 * The cost of the audit log's chain, on a separate Postgres, since two of the variants remove a trigger. Each command locks
 * a user, changes it, writes an entry and commits, from 16 connections, in one tenant and spread over 16. Four variants: no
 * chain; the head locked from the entry on; entries sealed by a worker afterwards; entries sealed at commit.
 */
const CONNECTIONS = 16;
const SECONDS = 5;
const WAYS = ['none', 'in the deed', 'afterwards', 'at the commit'] as const;
type Way = (typeof WAYS)[number];

const entryOf = (tenant: string, user: string) => ({
  id: newId(),
  tenant_id: tenant,
  at: new Date(),
  action: 'user.role-changed',
  actor_kind: 'scim',
  actor_id: tenant,
  actor_label: 'Okta',
  target_id: user,
  target_label: 'grace.hopper@example.com',
  target_name: 'Grace Hopper',
  details: { before: 'standard_user', after: 'tenant_admin' },
});

async function people(sql: Sql, tenants: number) {
  const made = Array.from({ length: tenants }, () => ({ tenant: newId(), users: [] as string[] }));
  for (const one of made) {
    await sql`insert into tenants (id, slug, name) values (${one.tenant}, ${one.tenant}, 'Bench')`;
    for (let i = 0; i < 400; i++) one.users.push(newId());
    await sql`insert into users ${sql(one.users.map((id) => ({ id, tenant_id: one.tenant, email: `${id}@x.example`, role: 'standard_user', status: 'active' })))}`;
  }
  return made;
}

async function prepare(sql: Sql, way: Way): Promise<void> {
  const seals = way === 'in the deed' || way === 'at the commit';
  await sql.unsafe(`alter table audit_entries ${seals ? 'enable' : 'disable'} trigger audit_seal`);
  // The worker writes to the chain itself, which this trigger forbids.
  await sql.unsafe(`alter table audit_chain ${way === 'afterwards' ? 'disable' : 'enable'} trigger audit_chain_own`);
}

/** Sealing by a worker: it takes waiting entries from a queue in batches, under a lock per tenant. */
const QUEUE = `
  create table if not exists bench_queue (tenant_id uuid, entry_id uuid, at timestamptz default clock_timestamp());
  create or replace function bench_seal() returns double precision language plpgsql as $$
  declare entry audit_entries; waiting record; number integer; hash text := ''; lag double precision := 0;
  begin
    for waiting in delete from bench_queue where ctid = any (array(select ctid from bench_queue order by at limit 500 for update skip locked)) returning * loop
      perform pg_advisory_xact_lock(hashtext(waiting.tenant_id::text));
      select * into entry from audit_entries where id = waiting.entry_id;
      select c.number, c.hash into number, hash from audit_chain c where tenant_id = waiting.tenant_id order by c.number desc limit 1;
      insert into audit_chain values (waiting.tenant_id, coalesce(number, 0) + 1, entry.id, clock_timestamp(),
        encode(sha256(convert_to(audit_line(entry, coalesce(number, 0) + 1, clock_timestamp(), coalesce(hash, '')), 'UTF8')), 'hex'));
      lag := greatest(lag, extract(epoch from clock_timestamp() - waiting.at));
    end loop;
    return lag;
  end $$;`;

async function round(sql: Sql, way: Way, tenants: number) {
  await prepare(sql, way);
  const made = await people(sql, tenants);
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  let running = true;
  let lag = 0;
  const worker = (async () => {
    while (running && way === 'afterwards') {
      const [row] = await sql`select bench_seal() as lag`;
      lag = Math.max(lag, row?.lag ?? 0);
    }
  })();
  const client = async (n: number) => {
    const { tenant, users } = made[n % tenants] as (typeof made)[number];
    while (performance.now() < until) {
      const user = users[Math.floor(Math.random() * users.length)] as string;
      const began = performance.now();
      await sql.begin(async (tx) => {
        if (way === 'in the deed') await tx`set constraints audit_seal immediate`;
        await tx`select 1 from users where tenant_id = ${tenant} and id = ${user} for no key update`;
        await tx`update users set first_name = ${String(began)} where id = ${user}`;
        const entry = entryOf(tenant, user);
        await tx`insert into audit_entries ${tx(entry)}`;
        if (way === 'afterwards')
          await tx`insert into bench_queue (tenant_id, entry_id) values (${tenant}, ${entry.id})`;
      });
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => client(n)));
  running = false;
  await worker;
  const [left] = await sql`select count(*)::int as n from bench_queue`;
  await sql`truncate bench_queue`;
  return {
    perSecond: times.length / SECONDS,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    sealedLater: lag,
    waiting: Number(left?.n),
  };
}

/** Many entries in one transaction, as a change of one identity provider group can cause. */
async function bulk(sql: Sql, way: Way, entries: number): Promise<number> {
  await prepare(sql, way);
  const [one] = await people(sql, 1);
  if (!one) return Number.NaN;
  const began = performance.now();
  await sql.begin(async (tx) => {
    for (let from = 0; from < entries; from += 500) {
      await tx`insert into audit_entries ${tx(Array.from({ length: 500 }, () => entryOf(one.tenant, one.users[0] ?? '')))}`;
    }
  });
  return performance.now() - began;
}

export async function* auditChain(): AsyncGenerator<Row> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  await chmod(dataDir, 0o755);
  const server = await startEmbeddedPostgres({ dataDir });
  const sql = postgres(server.url, { max: CONNECTIONS + 2, onnotice: () => {}, connection: { TimeZone: 'UTC' } });
  try {
    await migrate(server.url);
    await sql.unsafe(QUEUE);
    await round(sql, 'at the commit', 4);
    for (const tenants of [1, 16]) {
      const of: Row['of'] = {};
      for (const way of WAYS) of[way] = await round(sql, way, tenants);
      yield { what: `deeds from ${CONNECTIONS} connections, tenants: ${tenants}`, users: null, of };
    }
    const of: Row['of'] = {};
    for (const way of ['none', 'at the commit'] as const) of[way] = { ms: await bulk(sql, way, 10_000) };
    yield { what: '10,000 entries in one transaction', users: null, of };
  } finally {
    await sql.end();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
