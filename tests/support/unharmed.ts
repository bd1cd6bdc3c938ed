import { eq } from 'drizzle-orm';
import postgres from 'postgres';
import { expect } from 'vitest';
import { db } from '@/db/client';
import { type User, users } from '@/db/schema/users';
import { TENANT_COLUMNS } from '@/db/tenant-tables';
import { verifyChain } from '@/lib/audit/verify';
import { env } from '@/lib/env';
import { PASSWORD } from './cast';
import type { Fields } from './hostile';
import type { Caller, Room } from './room';

/** What must be so after whatever was asked at whichever door, and whoever asked. */
const SLOW_MS = 5_000;
const SLOW_CPU_MS = 2_000;

/** They say that something was asked, whoever did, and change nothing of anybody. */
const RECORDS = new Set([
  'audit_entries',
  'audit_chain',
  'audit_heads',
  'mails',
  'password_resets',
  'saml_exchanges',
  'scim_exchanges',
]);

type Digests = Record<string, string>;

/** Of each table the rows of the tenant $1, but for those that speak of the person $2. */
const textFor = (tables: [name: string, column: string][]): string =>
  tables
    .map(
      ([name, column]) =>
        `select '${name}' as name, coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest
        from "${name}" t where t."${column}" = $1 and strpos(t::text, $2) = 0`,
    )
    .join(' union all ');

const ALL = textFor([...TENANT_COLUMNS]);
const WITHOUT_RECORDS = textFor([...TENANT_COLUMNS].filter(([name]) => !RECORDS.has(name)));

/** So often asked that it is planned once. */
const eyes = postgres(String(process.env.DATABASE_URL), {
  max: 1,
  connection: { plan_cache_mode: 'force_generic_plan' },
});
export const closeEyes = () => eyes.end();

async function digestsOf(what: string, tenantId: string, but: User | null = null): Promise<Digests> {
  const rows = await eyes.unsafe(what, [tenantId, but?.id ?? 'nobody'], { prepare: true });
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

/** What nobody gives themself: a standard user stays one. */
async function standingOf(user: User) {
  const [row] = await db.select().from(users).where(eq(users.id, user.id));
  return row && [row.tenantId, row.role, row.status, row.email, row.breakGlass, row.createdAt];
}

const mayChangeOthers = ({ name }: Caller) => name === 'an admin';

/** `byAddress`: the door asks for no tenant, and leaves its record wherever the address is. */
export async function lookAround({ tenant, elsewhere }: Room, caller: Caller, byAddress: boolean) {
  const look = async () => ({
    elsewhere: await digestsOf(byAddress ? WITHOUT_RECORDS : ALL, elsewhere.tenant.id),
    ...(mayChangeOthers(caller)
      ? {}
      : {
          here: await digestsOf(WITHOUT_RECORDS, tenant.id, caller.user),
          standing: caller.user && (await standingOf(caller.user)),
        }),
  });
  const before = await look();
  return async (what: string) => {
    expect(await look(), what).toEqual(before);
    const admins = await eyes`
      select 1 from users where tenant_id = ${tenant.id} and role = 'tenant_admin' and status = 'active' limit 1`;
    expect(admins.length, `${what}: the tenant keeps an admin`).toBe(1);
  };
}

export async function expectWholeChain({ tenant }: Room): Promise<void> {
  expect((await verifyChain(tenant.id)).broken).toBeNull();
}

/** Words of ours that tell how the product is made, or that it failed. */
const INSIDE =
  /\n\s+at .+:\d+|\bat \S+ \(|node_modules|\bTypeError\b|PostgresError|DrizzleQueryError|Failed query|syntax error at|violates \w+ constraint|invalid byte sequence|\$argon2|\bNEXT_|tied to no tenant/;

export function expectNothingTold(what: string, said: string, { elsewhere, dan }: Room, caller: Caller): void {
  expect(said, what).not.toMatch(INSIDE);
  const untold = [env().AUTH_SECRET, env().SEALING_KEY, process.cwd(), 'Mallory', 'Otto', elsewhere.otto.email];
  if (!mayChangeOthers(caller)) untold.push(PASSWORD, dan.email, dan.firstName);
  for (const secret of untold) expect(said.includes(secret), `${what} tells ${secret}`).toBe(false);
}

/** A refusal gives back what was typed. */
export const withoutWhatWasGiven = (said: string, given: Fields): string =>
  given
    .map(([, value]) => value)
    .filter((value): value is string => typeof value === 'string' && value.length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((left, value) => left.replaceAll(JSON.stringify(value).slice(1, -1), '').replaceAll(value, ''), said);

export async function inTime<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work().catch((error: Error) => {
    throw new Error(`${what} throws ${error}`, { cause: error });
  });
  const { user, system } = process.cpuUsage(cpu);
  expect(performance.now() - began, `${what}: in time`).toBeLessThan(SLOW_MS);
  expect((user + system) / 1_000, `${what}: without long thought`).toBeLessThan(SLOW_CPU_MS);
  return value;
}

/** For a red run: what was sent, cut short. */
export const shown = (value: unknown): string =>
  String(
    JSON.stringify(value, (_, each) =>
      each instanceof File
        ? `a file of ${each.size} bytes`
        : typeof each === 'bigint'
          ? String(each)
          : typeof each === 'string' && each.length > 200
            ? `${each.slice(0, 60)}… ${each.length}`
            : each,
    ),
  ).slice(0, 3_000);
