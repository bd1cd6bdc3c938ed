import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { readPage } from '@/app/administration/access/users/read-page';
import { parseView, type RawParams } from '@/app/administration/access/users/search-params';
import { cursor } from '@/lib/cursor';
import { KEYS, SORTS, type Sort } from '@/lib/users/list';
import { cpuOf, explain, statementsOf } from './plan';
import { bigTenant } from './seed';

/**
 * Explains the product's query for the Users page in a thousand views, on a seeded database (bench/seed.ts), and lists the
 * most expensive last: `node --import tsx bench/queries.ts --database-url URL [--tenant SLUG] [--only PATTERN]`
 */
const FILTERS: RawParams[] = [
  { role: 'tenant_admin' },
  { role: 'standard_user' },
  ...['active', 'deactivated', 'invited', 'expired', 'revoked', 'removed'].map((status) => ({ status })),
  ...['yes', 'no', 'none'].map((mfa) => ({ mfa })),
  { saml: 'yes' },
  { saml: 'no' },
  ...['never', '30', '60', '90'].map((login) => ({ login })),
  ...['deactivated', 'invited', 'revoked', 'removed'].map((status) => ({ role: 'tenant_admin', status })),
  { role: 'tenant_admin', login: 'never' },
  { role: 'tenant_admin', mfa: 'none' },
  { status: 'deactivated', saml: 'yes', mfa: 'no' },
  { status: 'deactivated', login: 'never' },
  { status: 'deactivated', role: 'tenant_admin', saml: 'yes', mfa: 'no', login: '90' },
  { status: 'invited', login: 'never' },
  { status: 'invited', login: '90' },
  { mfa: 'yes', login: 'never' },
];
const SEARCHES =
  'a|z|x|4|an|xq|sm|bo|ann|999|smit|smith|kowal|xenia|zzzzz|yuki.smith|smith42|yuki smith|an smith|a b|example|mbeki|@example.org|com net'.split(
    '|',
  );

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { 'database-url': { type: 'string' }, tenant: { type: 'string' }, only: { type: 'string', default: '' } },
  });
  const url = String(values['database-url']);
  // Dummy values: the code reads the configuration to look for a replica, but seals and sends nothing here.
  const secrets = { AUTH_SECRET: 'x'.repeat(32), SEALING_KEY: Buffer.alloc(32).toString('base64') };
  Object.assign(process.env, { DATABASE_URL: url, SMTP_URL: 'smtp://127.0.0.1:1', ...secrets });
  const sql = postgres(url, { max: 1 });
  const [tenant] = await sql`select id from tenants where slug = ${values.tenant ?? bigTenant(1_000_000)}`;
  const [people] =
    await sql`select count(*)::int as n from users where tenant_id = ${tenant?.id} and status <> 'removed'`;

  const at = async (sort: Sort, dir: string, offset: number) => {
    const names = KEYS[sort].map(({ name }) => name);
    const [row] = await sql.unsafe(
      `select json_build_array(${names.map((name) => `${name}::text`)}) as place from users
       where tenant_id = $1 and status <> 'removed' order by ${names.map((name) => `${name} ${dir}`)} offset $2 limit 1`,
      [tenant?.id, offset],
    );
    return cursor(row?.place);
  };
  const views: [name: string, params: RawParams][] = [];
  const only = new RegExp(values.only);
  const view = (name: string, params: RawParams) => only.test(name) && views.push([name, params]);
  for (const sort of SORTS)
    for (const dir of ['asc', 'desc']) {
      const order = { sort, dir };
      const by = `by ${sort} ${dir}`;
      view(`first ${by}`, order);
      if (only.test(`middle ${by}`)) view(`middle ${by}`, { ...order, after: await at(sort, dir, people?.n / 2) });
      if (only.test(`last ${by}`)) view(`last ${by}`, { ...order, after: await at(sort, dir, people?.n - 52) });
      for (const filter of FILTERS) view(`${Object.values(filter).join(' ')} ${by}`, { ...filter, ...order });
      for (const q of SEARCHES) view(`“${q}” ${by}`, { q, ...order });
    }

  const found: { name: string; cpuMs: number; line: string }[] = [];
  for (const [name, params] of views)
    for (const statement of await statementsOf(url, () => readPage(tenant?.id, parseView(params), new Date()))) {
      const { read, buffers, planMs, ms, indexes, scanned } = await explain(sql, statement);
      const cpuMs = await cpuOf(sql, statement);
      const figures = `${cpuMs.toFixed(2).padStart(8)} ms CPU ${ms.toFixed(2).padStart(8)} ms ${planMs.toFixed(2)} to plan ${String(read).padStart(8)} read ${String(buffers).padStart(7)} buffers`;
      const by = [
        ...indexes.filter((index) => index.startsWith('users_')),
        ...scanned.map((table) => `ALL OF ${table}`),
      ];
      found.push({ name, cpuMs, line: `${figures}  ${name.padEnd(40)} ${by.join(' ')}` });
    }
  found.sort((a, b) => a.cpuMs - b.cpuMs);
  for (const { line } of found) console.log(line);
  const over = (ms: number) => found.filter(({ cpuMs }) => cpuMs > ms).length;
  console.log(`${found.length} views, ${over(5)} over 5 ms, ${over(15)} over 15 ms`);
  await sql.end();
}

await main();
