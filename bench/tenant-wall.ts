import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { and, eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres, { type Sql } from 'postgres';
import { startEmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import { speaksOf } from '@/db/statement-tenant';
import { tenantWall } from '@/db/tenant-wall';
import { beyond, inOrder, matching, openInvitation, type UserFilters } from '@/lib/users/list';
import { bigTenant, seedLoad } from './seed';

/**
 * The cost of a second wall between tenants (docs/decisions/0026): Postgres' row-level security compared with the product's
 * own wall, on the statements of the Users page. `node --import tsx bench/tenant-wall.ts [people]`
 */
const PEOPLE = Number(process.argv[2] ?? 200_000);
const ROUNDS = 30;
const NOW = new Date();

const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-wall-'));
const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off', shared_buffers: '1GB' } });
const owner = postgres(server.url, { max: 1, onnotice: () => {} });
try {
  await migrate(server.url);
  await seedLoad(server.url, { sizes: [PEOPLE], tenants: 100, of: 100, entries: 1000 });
  await withPolicies(owner);
  const app = postgres(server.url.replace(/\/\/[^@]+@/, '//rollcall_app:app@'), { max: 1, onnotice: () => {} });
  await compare(owner, app);
  wall();
  await app.end();
} finally {
  await owner.end();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Row-level security for a separate role, since it does not apply to the superuser. */
async function withPolicies(on: Sql): Promise<void> {
  await on.unsafe(
    `create role rollcall_app login password 'app'; grant all on all tables in schema public to rollcall_app`,
  );
  for (const table of ['users', 'invitations'])
    await on.unsafe(`alter table ${table} enable row level security;
      create policy own on ${table} using (tenant_id = nullif(current_setting('rollcall.tenant', true), '')::uuid)`);
}

async function compare(plain: Sql, secured: Sql): Promise<void> {
  const [tenant] = await plain<{ id: string }[]>`select id from tenants where slug = ${bigTenant(PEOPLE)}`;
  const tenantId = String(tenant?.id);
  const [middle] = await plain<{ key: string; id: string }[]>`
    select email_key as key, id from users where tenant_id = ${tenantId} and status <> 'removed'
    order by email_key, id offset ${Math.floor(PEOPLE / 2)} limit 1`;
  const place = [String(middle?.key), String(middle?.id)];
  const pages: [string, UserFilters, string[]?][] = [
    ['the first page', {}],
    ['a page in the middle', {}, place],
    ['by role', { role: 'tenant_admin' }],
    ['a search that finds few', { q: 'smith99' }],
    ['a search that finds nobody', { q: 'xqzv' }],
  ];
  for (const [name, filters, from] of pages) {
    const { sql: text, params } = pageOf(tenantId, filters, from);
    const ask = (on: Pick<Sql, 'unsafe'>) => on.unsafe(text, params as never[]);
    const inPolicy = () =>
      secured.begin((tx) => [tx`select set_config('rollcall.tenant', ${tenantId}, true)`, ask(tx)] as never);
    const times = { plain: [] as number[], policy: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.plain.push(await took(() => ask(plain)));
      // A query that reads the whole tenant is so slow that five rounds suffice.
      if (times.policy.length < 5 || median(times.policy) < 100) times.policy.push(await took(inPolicy));
    }
    const [a, b] = [median(times.plain), median(times.policy)];
    console.log(`${name.padEnd(28)} ${a.toFixed(2)} ms   with policies ${b.toFixed(2)} ms   × ${(b / a).toFixed(1)}`);
  }
}

function pageOf(tenantId: string, filters: UserFilters, place?: string[]) {
  const db = drizzle.mock();
  return db
    .select({ id: users.id, email: users.email, until: invitations.expiresAt })
    .from(users)
    .leftJoin(invitations, openInvitation())
    .where(and(matching(tenantId, filters, NOW), place && beyond('email', 'asc', place)))
    .orderBy(...inOrder('email', 'asc'))
    .limit(51)
    .toSQL();
}

/** The cost of the product's wall: parsing a statement for the first time, and recognising it later. */
function wall(): void {
  const db = drizzle.mock();
  const tenantId = '0192a000-0000-7000-8000-00000000000a';
  const { sql: text, params } = pageOf(tenantId, { q: 'anna smith', role: 'tenant_admin', status: 'active' });
  const small = db
    .select()
    .from(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, tenantId)))
    .toSQL();
  for (const [name, each] of [
    ['a page', { text, params }],
    ['a look-up', { text: small.sql, params: small.params }],
  ] as const) {
    const first = perRun(200, () => speaksOf(each.text));
    const again = perRun(100_000, () => tenantWall.logQuery(each.text, each.params));
    console.log(
      `the wall, ${name.padEnd(18)} first ${(first * 1000).toFixed(0)} µs   known ${(again * 1000).toFixed(2)} µs`,
    );
  }
}

function perRun(runs: number, work: () => void): number {
  for (let i = 0; i < runs / 10; i++) work();
  const began = process.cpuUsage();
  for (let i = 0; i < runs; i++) work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / runs;
}

async function took(work: () => PromiseLike<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
