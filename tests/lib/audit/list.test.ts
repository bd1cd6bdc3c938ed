import { parse } from 'csv-parse/sync';
import { and, eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPage } from '@/app/administration/access/audit-log/log';
import { filtersOf, parseView } from '@/app/administration/access/audit-log/search-params';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { auditEntries } from '@/db/schema/audit';
import type { UserActor } from '@/lib/actor';
import { exportAudit } from '@/lib/audit/export';
import { type AuditFilters, idsOf, readEntries } from '@/lib/audit/list';
import { readReasons } from '@/lib/audit/why';
import type { Tenant } from '@/lib/tenants/find';
import { deactivate, reactivate } from '@/lib/users/deactivate';
import { editProfile } from '@/lib/users/profile';
import { changeRole } from '@/lib/users/role';
import { forceSignOut } from '@/lib/users/sign-out';
import { actorOf, cast, newTenant, newUser } from '../../support/cast';
import { queriesOf } from '../../support/count-queries';
import { tamper } from '../../support/tamper';

const actions = async (tenantId: string, filters: AuditFilters) =>
  (await readEntries(tenantId, filters, { dir: 'desc', limit: 100 })).map(({ entry }) => entry.action);

describe('the log', () => {
  test('is filtered by person as actor or target, action, door, time and words', async () => {
    const { acme, globex } = await cast();
    const ada = await actorOf(acme.ada);
    await deactivate(ada, { userId: acme.sam.id });
    await reactivate(ada, { userId: acme.sam.id });
    await forceSignOut(ada, { userId: acme.ada.id });
    const of = (filters: AuditFilters) => actions(acme.tenant.id, filters);
    expect(await of({ person: acme.ada.id })).toEqual(['user.sessions-ended', 'user.reactivated', 'user.deactivated']);
    expect(await of({ person: acme.sam.id })).toEqual(['user.reactivated', 'user.deactivated']);
    expect(await of({ action: 'user.deactivated' })).toEqual(['user.deactivated']);
    expect(await of({ door: 'system' })).toEqual(['tenant.created']);
    expect(await of({ q: 'sam acme 192.0' })).toEqual(['user.reactivated', 'user.deactivated']);
    expect(await of({ q: 'nobody' })).toEqual([]);
    expect(await of({ from: new Date(Date.now() + 1000) })).toEqual([]);
    expect(await of({ until: new Date(Date.now() - 60_000) })).toEqual([]);
    expect((await of({ from: new Date(Date.now() - 60_000), until: new Date(Date.now() + 1000) })).length).toBe(4);
    expect(await actions(globex.tenant.id, { person: acme.sam.id })).toEqual([]);
  });

  test('is paged by place, forwards and back, each entry once', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    for (let i = 0; i < 120; i++) await forceSignOut(ada, { userId: i % 2 ? acme.sam.id : acme.grace.id });
    for (const filters of [{}, { person: acme.ada.id }]) {
      const seen: string[] = [];
      let view = parseView({});
      for (;;) {
        const page = await readPage(acme.tenant.id, filters, view);
        seen.push(...page.rows.map(({ entry }) => entry.id));
        if (!page.older) break;
        view = { ...view, after: page.older };
      }
      expect(seen).toEqual([...seen].sort().reverse());
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThanOrEqual(120);
      const second = await readPage(acme.tenant.id, filters, parseView({ after: seen[49] }));
      const back = await readPage(acme.tenant.id, filters, parseView({ before: second.newer }));
      expect(back.rows.map(({ entry }) => entry.id)).toEqual(seen.slice(0, 50));
    }
  });

  test('takes days as the reader’s, the last included', () => {
    const dates = (from: string, until: string, zone: string) => {
      const filters = filtersOf(parseView({ from, until }), undefined, zone);
      return [filters.from?.toISOString(), filters.until?.toISOString()];
    };
    expect(dates('2026-03-29', '2026-03-29', 'Europe/Berlin')).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(dates('2026-01-01', '2026-12-31', 'UTC')).toEqual(['2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
    expect(dates('2026-07-01', '2026-07-01', 'America/Los_Angeles')).toEqual([
      '2026-07-01T07:00:00.000Z',
      '2026-07-02T07:00:00.000Z',
    ]);
    expect(parseView({ from: 'yesterday', door: 'window', action: 'x', after: '1' })).toEqual({});
  });
});

describe('a page of a large log', () => {
  const COUNT = 60_000;
  let tenant: Tenant;
  const people = Array.from({ length: 300 }, () => newId());

  beforeAll(async () => {
    tenant = await newTenant();
    // Past the seal, which is not what is looked at here.
    await tamper(
      (tx) => tx`
        insert into audit_entries (id, tenant_id, at, action, actor_kind, actor_id, actor_label, target_id, target_label, details)
        select (lpad(to_hex(1767225600000 + i * 60000), 12, '0') || '7000800000000000' || lpad(to_hex(i), 4, '0'))::uuid,
          ${tenant.id}, to_timestamp(1767225600 + i * 60), case when i % 1000 = 0 then 'user.removed' else 'user.signed-in' end,
          (case when i % 2000 = 0 then 'cli' else 'user' end)::actor_kind, (${people}::uuid[])[(1 + i % 300)::int],
          'person' || i % 300 || '@x.example', (${people}::uuid[])[(1 + (i * 7) % 300)::int], 'person' || (i * 7) % 300 || '@x.example', '{}'
        from generate_series(1::bigint, ${COUNT}::bigint) i`,
    );
    await db.execute(sql`vacuum analyze audit_entries`);
  });

  const middle = '019c0000-0000-7000-8000-000000000000';
  const VIEWS: [string, AuditFilters, string[]][] = [
    ['unfiltered', {}, ['audit_entries_tenant_id_id_pk']],
    [
      'of some days',
      { from: new Date('2026-01-20'), until: new Date('2026-01-21') },
      ['audit_entries_tenant_id_id_pk'],
    ],
    ['of an action', { action: 'user.removed' }, ['audit_by_action']],
    ['through a door', { door: 'cli' }, ['audit_by_door']],
    ['of a person', { person: people[5] }, ['audit_by_actor', 'audit_by_target']],
    [
      'of a person, action and time',
      { person: people[5], action: 'user.signed-in', from: new Date('2026-01-05') },
      ['audit_by_actor', 'audit_by_target'],
    ],
    ['with rare words', { q: 'person250@x' }, ['audit_search', 'audit_entries_tenant_id_id_pk']],
    ['with words that nothing has', { q: 'zzzzqq' }, ['audit_search']],
  ];

  test.each(
    VIEWS.flatMap(
      (view) =>
        [
          [...view, undefined],
          [...view, middle],
        ] as const,
    ),
  )('%s reads ranges of its index alone', async (_, filters, indexes, place) => {
    const part = { dir: 'desc', place, limit: 51 } as const;
    const [row] = await db.execute<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      sql`explain (analyze, format json) ${idsOf(tenant.id, filters, part)}`,
    );
    const nodes = flat(row?.['QUERY PLAN'][0].Plan);
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    const used = nodes.flatMap((node) => node['Index Name'] ?? []);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !indexes.includes(name))).toEqual([]);
    if (filters.q === undefined) {
      for (const node of nodes.filter((node) => node['Index Name'])) {
        expect([node['Node Type'], node['Actual Rows'] <= 51]).toEqual(['Index Only Scan', true]);
      }
    }
  });

  test('is one statement, and reads of the table no more than its own rows', async () => {
    const { queries } = await queriesOf(() => readPage(tenant.id, { person: people[5] }, parseView({})));
    expect(queries).toHaveLength(1);
  });
});

type Plan = { 'Node Type': string; 'Index Name'?: string; 'Actual Rows': number; Plans?: Plan[] };
const flat = (plan: Plan | undefined): Plan[] => (plan ? [plan, ...(plan.Plans ?? []).flatMap(flat)] : []);

describe('an export', () => {
  const read = async (actor: UserActor, filters: AuditFilters, format: 'csv' | 'jsonl') =>
    new Response(await exportAudit(actor, filters, format)).text();

  test('holds exactly the filtered set of the own tenant, and is recorded with its filter', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await deactivate(ada, { userId: acme.sam.id });
    const rows: Record<string, string>[] = parse(await read(ada, { person: acme.sam.id, from: new Date(0) }, 'csv'), {
      columns: true,
      bom: true,
    });
    expect(rows).toMatchObject([
      {
        What: expect.stringContaining('Ada Acme deactivated Sam Acme'),
        Who: 'Ada Acme',
        Door: 'Browser',
        'IP Address': '192.0.2.7',
      },
    ]);
    const own = await db
      .select()
      .from(auditEntries)
      .where(and(eq(auditEntries.tenantId, acme.tenant.id), eq(auditEntries.action, 'audit.exported')));
    expect(own).toMatchObject([
      { details: { format: 'csv', filter: { person: acme.sam.id, from: '1970-01-01T00:00:00.000Z' } } },
    ]);
    const { acme: other } = await cast();
    expect(await read(await actorOf(other.ada), { person: acme.sam.id }, 'jsonl')).toBe('');
  });

  test('no cell is a formula to a spreadsheet', async () => {
    const { acme } = await cast();
    const ada = await actorOf(acme.ada);
    await editProfile(ada, { userId: acme.sam.id, email: acme.sam.email, firstName: '=1+1', lastName: '' });
    await deactivate(ada, { userId: acme.sam.id });
    const rows: Record<string, string>[] = parse(await read(ada, {}, 'csv'), { columns: true, bom: true });
    expect(rows.find(({ Action }) => Action === 'user.deactivated')?.Whom).toBe("'=1+1");
  });

  test('is read only as fast as it is taken', async () => {
    const tenant = await newTenant();
    const admin = await newUser(tenant, 'admin', { role: 'tenant_admin' });
    const rows = Array.from({ length: 10_000 }, () => ({
      id: newId(),
      tenantId: tenant.id,
      at: new Date(),
      action: 'user.signed-out',
      actorKind: 'system' as const,
      actorLabel: 'Rollcall',
      details: {},
    }));
    for (let from = 0; from < rows.length; from += 2000)
      await db.insert(auditEntries).values(rows.slice(from, from + 2000));
    const actor = await actorOf(admin);
    expect((await read(actor, {}, 'jsonl')).trim().split('\n')).toHaveLength(10_002);
    const { queries } = await queriesOf(async () => {
      const reader = (await exportAudit(actor, {}, 'jsonl')).getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await reader.cancel();
    });
    expect(queries.filter((query) => query.includes('order by')).length).toBeLessThan(5);
  });
});

test('Why? names the newest deed that set it', async () => {
  const { acme, globex } = await cast();
  const ada = await actorOf(acme.ada);
  expect(await readReasons(acme.sam)).toEqual({ role: null, active: null, mfa: null, saml: null });
  await changeRole(ada, { userId: acme.sam.id, role: 'tenant_admin' });
  await changeRole(ada, { userId: acme.sam.id, role: 'standard_user' });
  await deactivate(ada, { userId: acme.sam.id });
  await forceSignOut(ada, { userId: acme.grace.id });
  const { role, active } = await readReasons(acme.sam);
  expect(role).toMatchObject({ details: { after: 'standard_user' }, actorId: acme.ada.id, actorKind: 'user' });
  expect(active).toMatchObject({ action: 'user.deactivated' });
  expect((await readReasons({ tenantId: globex.tenant.id, id: acme.sam.id })).role).toBeNull();
});
