import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readPage as readLogPage } from '@/app/administration/access/audit-log/log';
import { readPage } from '@/app/administration/access/users/read-page';
import { parseView, type RawParams } from '@/app/administration/access/users/search-params';
import { explain, type Plan, statementsOf } from '@/bench/plan';
import { bigTenant, seedLoad } from '@/bench/seed';
import { readReasons } from '@/lib/audit/why';
import { cursor } from '@/lib/cursor';
import { listPeople } from '@/lib/scim/list';
import { readAddress } from '@/lib/scim/query';
import { USER_TYPE } from '@/lib/scim/schema';
import { findSession, listSessions } from '@/lib/sessions/find';
import { findUser } from '@/lib/users/find';
import { countOtherAdmins } from '@/lib/users/last-admin';
import { SORTS } from '@/lib/users/list';
import { cloneDatabase, dropDatabase } from '../support/database';

/**
 * The product's own statements, explained in a tenant of 40,000 beside others: which indexes they take, that no table is read
 * from end to end, and how many entries they look at. Not how long they take.
 */
const PEOPLE = 40_000;
const NAME = `rollcall_plans_${process.pid}`;
const NOW = new Date();
let url: string;
let sql: postgres.Sql;
let tenantId: string;
let someone: { id: string; tenantId: string };
let newcomer: string;

beforeAll(async () => {
  url = await cloneDatabase(inject('clusterUrl'), NAME);
  await seedLoad(url, { sizes: [PEOPLE], tenants: 10, of: 100, entries: 20_000 });
  sql = postgres(url, { max: 1, onnotice: () => {} });
  await allVisible();
  const [admin] = await sql`select users.id, tenant_id from users join tenants on tenants.id = tenant_id
    where slug = ${bigTenant(PEOPLE)} and email like 'admin@%'`;
  tenantId = admin?.tenant_id;
  someone = { id: admin?.id, tenantId };
  const [newest] =
    await sql`select id from users where tenant_id = ${tenantId} and status = 'active' order by id desc limit 1`;
  newcomer = newest?.id;
});
/** A standby of another test, on the same cluster, keeps a vacuum from finding that all see every row: then no index is enough. */
async function allVisible(): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500)) {
    const [table] = await sql`select relallvisible = relpages as is from pg_class where relname = 'users'`;
    if (table?.is) return;
    await sql`vacuum (freeze, analyze) users`;
  }
  throw new Error('The rows are not visible to all.');
}

afterAll(async () => {
  await sql.end();
  await dropDatabase(inject('clusterUrl'), NAME);
});

type Work = () => Promise<unknown>;
const users =
  (params: RawParams): Work =>
  () =>
    readPage(tenantId, parseView(params), NOW);

const DAY_AGO = new Date(NOW.getTime() - 86_400_000).toISOString();
const people =
  (search: string): Work =>
  () =>
    listPeople(tenantId, readAddress(USER_TYPE, new URLSearchParams(search)));

async function plansOf(work: Work): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (const statement of await statementsOf(url, work)) plans.push(await explain(sql, statement));
  return plans;
}

async function onlyPlanOf(work: Work): Promise<Plan> {
  const [plan, ...others] = await plansOf(work);
  expect(others).toEqual([]);
  if (!plan) throw new Error('nothing was asked');
  return plan;
}

/** The page's rows and the one that tells of a next page, and what a capped count reads. */
const ROWS = 51;
const COUNTED = 1001;

describe('a page of the list', () => {
  const ordered = SORTS.flatMap((sort) => [
    { sort, dir: 'asc' },
    { sort, dir: 'desc' },
  ]);

  test.each(ordered)('%o reads as little at its end as at its beginning', async (order) => {
    const first = await readPage(tenantId, parseView(order), NOW);
    const after = cursor(first.after ?? []);
    const [row] = await sql`select count(*)::int as n from users where tenant_id = ${tenantId} and status <> 'removed'`;
    const end = await readPage(tenantId, parseView({ ...order, dir: order.dir === 'asc' ? 'desc' : 'asc' }), NOW);
    const last = cursor(end.after ?? []);
    expect(row?.n).toBeGreaterThan(PEOPLE * 0.9);

    const bound = ['email', 'firstName', 'lastName', 'lastLogin'].includes(order.sort) ? 4 * ROWS : 36 * ROWS;
    for (const place of [{}, { after }, { before: last }]) {
      const plan = await onlyPlanOf(users({ ...order, ...place }));
      expect(plan.scanned).toEqual([]);
      expect(plan.read).toBeLessThan(COUNTED + bound);
    }
  });

  const INDEX = {
    email: 'users_email_once',
    firstName: 'users_by_first_name',
    lastName: 'users_by_last_name',
    lastLogin: 'users_by_last_login',
  };
  test.each(SORTS)('by %s is a range of the index of that order', async (sort) => {
    const plan = await onlyPlanOf(users({ sort }));
    expect(plan.indexOnly).toContain(INDEX[sort as keyof typeof INDEX] ?? 'users_set_by_email');
  });
});

const FILTERS: RawParams[] = [
  { role: 'tenant_admin' },
  { role: 'standard_user' },
  { status: 'active' },
  { status: 'deactivated' },
  { status: 'invited' },
  { status: 'expired' },
  { mfa: 'none' },
  { saml: 'yes' },
  { login: 'never' },
  { login: '90' },
  { role: 'tenant_admin', status: 'deactivated' },
  { role: 'tenant_admin', login: 'never' },
  { status: 'invited', login: '90' },
  { status: 'deactivated', saml: 'yes', mfa: 'no', login: '30' },
];

describe('a filtered page', () => {
  test.each(FILTERS)('%o reads a bounded part of its sets, in every order', async (filter) => {
    for (const sort of SORTS) {
      const plan = await onlyPlanOf(users({ ...filter, sort, dir: 'desc' }));
      expect(plan.scanned, sort).toEqual([]);
      expect(plan.read, sort).toBeLessThan(10_000);
      expect(plan.indexes.filter((name) => /users_(by|set|email|search)/.test(name)).length, sort).toBeGreaterThan(0);
    }
  });

  test('of those removed reads nobody else', async () => {
    const plan = await onlyPlanOf(users({ status: 'removed', sort: 'lastName' }));
    expect(plan.indexOnly).toContain('users_removed_list');
    expect(plan.scanned).toEqual([]);
  });
});

describe('a search', () => {
  test.each(['zzzzz', 'smith39', 'yuki smith', 'xq', 'kowalski 77'])(
    'for “%s”, which few match, asks the trigrams',
    async (q) => {
      for (const sort of SORTS) {
        const plan = await onlyPlanOf(users({ q, sort }));
        expect(plan.indexes, sort).toContain('users_search');
        expect(plan.scanned, sort).toEqual([]);
        expect(plan.read, sort).toBeLessThan(10_000);
      }
    },
  );

  test.each(['a', 'example', 'smith', 'an', '@example.com'])(
    'for “%s”, which many match, walks in order',
    async (q) => {
      for (const sort of ['email', 'lastLogin']) {
        const plan = await onlyPlanOf(users({ q, sort, dir: 'desc' }));
        expect(plan.indexes, sort).not.toContain('users_search');
        expect(plan.scanned, sort).toEqual([]);
        expect(plan.read, sort).toBeLessThan(20_000);
        expect(plan.indexOnly, sort).toContain(sort === 'email' ? 'users_email_once' : 'users_by_last_login');
      }
    },
  );

  test('within a filter reads no more', async () => {
    for (const q of ['smith', 'a', 'zzzzz'])
      for (const filter of FILTERS) {
        const plan = await onlyPlanOf(users({ ...filter, q }));
        expect(plan.scanned, q).toEqual([]);
        expect(plan.read, q).toBeLessThan(40_000);
      }
  });
});

describe('every index has a statement that needs it', () => {
  const needed: [index: string, work: Work][] = [
    ['users_email_once', users({})],
    ['users_by_first_name', users({ sort: 'firstName' })],
    ['users_by_last_name', users({ sort: 'lastName' })],
    ['users_by_last_login', users({ sort: 'lastLogin' })],
    ['users_set_by_email', users({ sort: 'role' })],
    ['users_set_by_login', users({ login: '90', sort: 'lastLogin' })],
    ['users_removed_list', users({ status: 'removed' })],
    ['users_search', users({ q: 'smith39' })],
    ['audit_by_action', () => readLogPage(tenantId, { action: 'user.removed' }, {})],
    ['audit_by_door', () => readLogPage(tenantId, { door: 'cli' }, {})],
    ['audit_by_actor', () => readLogPage(tenantId, { person: newcomer }, {})],
    ['audit_by_target', () => readReasons(someone)],
    ['audit_search', () => readLogPage(tenantId, { q: 'smith39' }, {})],
    ['users_scim_by_change', people(`filter=meta.lastModified gt "${DAY_AGO}"&count=50`)],
    ['sessions_token', () => findSession('nobody’s')],
    ['sessions_of', () => listSessions(tenantId, someone.id)],
  ];

  test.each(needed)('%s: with it little is read, without it more', async (index, work) => {
    const statements = await statementsOf(url, work);
    const explained = async (on: postgres.Sql | postgres.TransactionSql) => {
      const plans: Plan[] = [];
      for (const statement of statements) plans.push(await explain(on, statement));
      return { plans, buffers: plans.reduce((total, { buffers }) => total + buffers, 0) };
    };
    const { plans, buffers } = await explained(sql);
    expect(plans.flatMap(({ indexes }) => indexes)).toContain(index);
    expect(plans.flatMap(({ scanned }) => scanned)).toEqual([]);

    const undone = new Error('undone');
    let without = 0;
    const dropped = sql.begin(async (tx) => {
      await tx.unsafe(`drop index ${index}`);
      without = (await explained(tx)).buffers;
      throw undone;
    });
    await expect(dropped).rejects.toThrow(undone);
    expect(without).toBeGreaterThan(buffers * 1.2);
  });
});

test('a page of provisioned people by index passes over entries, not over rows', async () => {
  const [plan] = await plansOf(people('startIndex=9000&count=50'));
  expect(plan?.indexOnly.length).toBeGreaterThan(0);
  expect(plan?.scanned).toEqual([]);
  expect(plan?.read).toBeLessThan(9_200);
});

describe('one person', () => {
  test('is told of other admins without a look at all of them', async () => {
    const plan = await onlyPlanOf(() => countOtherAdmins(tenantId, someone.id));
    expect(plan.indexes).toContain('users_set_by_email');
    expect(plan.scanned).not.toContain('users');
    expect(plan.read).toBeLessThan(200);
  });

  test('is found by the key of the tenant and theirs', async () => {
    const plan = await onlyPlanOf(() => findUser(tenantId, someone.id));
    expect(plan.read).toBeLessThanOrEqual(1);
    expect(plan.scanned).toEqual([]);
  });
});
