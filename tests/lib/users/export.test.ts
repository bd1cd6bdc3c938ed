import { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { newId } from '@/db/id';
import { auditEntries } from '@/db/schema/audit';
import { invitations } from '@/db/schema/invitations';
import { users } from '@/db/schema/users';
import type { UserActor } from '@/lib/actor';
import { csvStream } from '@/lib/csv';
import { exportUsers } from '@/lib/users/export';
import { SORTS, type UserFilters } from '@/lib/users/list';
import { walk } from '@/lib/users/walk';
import { actorOf, cast, newTenant, newUser } from '../../support/cast';
import { queriesOf } from '../../support/count-queries';
import { unwrapped } from '../../support/jobs';

const BY_ADDRESS = { sort: 'email', dir: 'asc' } as const;

async function csvOf(actor: UserActor, filters: UserFilters = {}): Promise<Record<string, string>[]> {
  const text = await new Response(unwrapped(await exportUsers(actor, filters, BY_ADDRESS))).text();
  return parse(text, { columns: true, bom: true });
}

test('an export holds exactly the filtered set of the own tenant', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  expect((await csvOf(ada)).map(({ Email }) => Email?.split('@')[0])).toEqual(['ada', 'dan', 'grace', 'ivy', 'sam']);
  expect((await csvOf(ada, { role: 'tenant_admin' })).map(({ Email }) => Email?.split('@')[0])).toEqual([
    'ada',
    'grace',
  ]);
  expect((await csvOf(ada, { q: 'mallory' })).length).toBe(0);
});

test('the status of an invited person is the one that the page shows', async () => {
  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const status = async (filter: UserFilters['status']) =>
    (await csvOf(ada, { status: filter })).map((row) => [row.Email?.split('@')[0], row.Status]);
  const open = eq(invitations.userId, acme.ivy.id);
  expect(await status('invited')).toEqual([['ivy', 'invited']]);
  await db
    .update(invitations)
    .set({ expiresAt: new Date(0) })
    .where(open);
  expect(await status('expired')).toEqual([['ivy', 'invitation expired']]);
  await db.update(invitations).set({ revokedAt: new Date() }).where(open);
  expect(await status('revoked')).toEqual([['ivy', 'invitation revoked']]);
});

test('an export leaves an entry that says what was exported', async () => {
  const { acme } = await cast();
  await csvOf(await actorOf(acme.ada), { status: 'active', q: 'a' });
  const entries = await db.select().from(auditEntries).where(eq(auditEntries.tenantId, acme.tenant.id));
  expect(entries.filter(({ action }) => action === 'users.exported')).toMatchObject([
    { actorId: acme.ada.id, details: { filter: { status: 'active', q: 'a' } } },
  ]);
});

test('no cell is a formula to a spreadsheet', async () => {
  const tenant = await newTenant();
  const admin = await newUser(tenant, 'admin', { role: 'tenant_admin' });
  const attacks = [
    ...['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1', '＠x', 'a "quoted", cell', 'two\r\nlines'],
    ...['X;=1+1;+2', 'a;b; -c', 'tab\t@x', 'x\n=1+1', 'old mac\r=1'],
  ];
  await db.insert(users).values(
    attacks.map((firstName, i) => ({
      id: newId(),
      tenantId: tenant.id,
      email: `x${String(i).padStart(2, '0')}@x.example`,
      firstName,
      role: 'standard_user' as const,
      status: 'active' as const,
    })),
  );
  const names = (await csvOf(await actorOf(admin))).slice(1).map((row) => row['First Name']);
  expect(names).toEqual([
    "'=1+1",
    "'+1",
    "'-1",
    "'@SUM(A1)",
    "'\t'=1",
    "'＝1",
    "'＠x",
    'a "quoted", cell',
    'two\r\nlines',
    "X;'=1+1;'+2",
    'a;b; -c',
    "tab\t'@x",
    "x\n'=1+1",
    "old mac\r'=1",
  ]);
});

test('every byte is the one that a writer of CSV would write', async () => {
  const tenant = await newTenant();
  const admin = await newUser(tenant, 'admin', { role: 'tenant_admin' });
  const at = new Date('2026-02-03T04:05:06.789Z');
  const names = [
    '',
    'plain',
    'a,b',
    '"',
    "'",
    '=cmd|"x",1',
    ' spaced ',
    'tab\there',
    'line\nfeed',
    'both\r\n',
    '-',
    '＋é',
    '\\.',
    'O’Brien 😀',
    'a;=1;+2',
    'tab\t-1\r=2\n@x',
  ];
  await db.insert(users).values(
    names.map((lastName, i) => ({
      id: newId(),
      tenantId: tenant.id,
      email: `x${String(i).padStart(2, '0')}@x.example`,
      firstName: names.at(-i) ?? '',
      lastName,
      role: i % 2 ? ('tenant_admin' as const) : ('standard_user' as const),
      status: i % 3 ? ('active' as const) : ('invited' as const),
      samlEnabled: i % 5 === 0,
      mfaEnabled: i % 4 === 0,
      lastLoginAt: i % 3 ? at : null,
      lastLoginMethod: i % 3 ? ('password' as const) : null,
    })),
  );
  const actor = await actorOf(admin);
  for (const sort of SORTS)
    for (const dir of ['asc', 'desc'] as const) {
      const text = await new Response(unwrapped(await exportUsers(actor, {}, { sort, dir }))).text();
      const cells: string[][] = [];
      for await (const { user } of walk(tenant.id, {}, { sort, dir }, new Date()))
        cells.push([
          user.email,
          user.firstName,
          user.lastName,
          user.status === 'invited' ? 'invitation revoked' : user.status,
          '',
          user.mfa === 'not_applicable' ? 'not applicable' : user.mfa === 'set_up' ? 'yes' : 'no',
          user.samlEnabled ? 'yes' : 'no',
          user.role === 'tenant_admin' ? 'yes' : 'no',
          user.role === 'tenant_admin' ? 'Tenant Admin' : 'Standard User',
          user.lastLoginAt?.toISOString() ?? '',
          user.lastLoginMethod ?? '',
          user.id,
        ]);
      const written = await new Response(
        csvStream(Readable.from([text.split('\r\n')[0]?.split(',') ?? [], ...cells])),
      ).text();
      expect(text, `${sort} ${dir}`).toBe(written);
    }
});

test('many people come in order, each once, and are read only as fast as they are taken', async () => {
  const tenant = await newTenant();
  const admin = await newUser(tenant, 'admin', { role: 'tenant_admin' });
  const COUNT = 24_000;
  const many = Array.from({ length: COUNT }, (_, i) => ({
    id: newId(),
    tenantId: tenant.id,
    email: `p${String(i).padStart(6, '0')}@x.example`,
    role: 'standard_user' as const,
    status: 'active' as const,
  }));
  for (let from = 0; from < COUNT; from += 2000) await db.insert(users).values(many.slice(from, from + 2000));
  const actor = await actorOf(admin);
  const emails = (await csvOf(actor)).map(({ Email }) => Email);
  expect(emails).toEqual([admin.email, ...many.map(({ email }) => email)].sort());

  const { queries } = await queriesOf(async () => {
    const reader = unwrapped(await exportUsers(actor, {}, BY_ADDRESS)).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await reader.cancel();
  });
  expect(queries.filter((query) => query.includes('string_agg')).length).toBeLessThan(5);
});
