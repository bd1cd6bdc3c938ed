import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { expect } from 'vitest';
import { db, disconnect } from '@/db/client';
import { startEmbeddedPostgres } from '@/db/embedded';
import { migrate } from '@/db/migrate';
import type { User } from '@/db/schema/users';
import type { Role } from '@/lib/actor';
import { verifyChain } from '@/lib/audit/verify';
import { createTenant } from '@/lib/tenants/create';
import { createUser } from '@/lib/users/create';
import { operator, unwrap } from '@/scripts/admin/command';
import { smtpSink } from '../../support/smtp-sink';
import { cable } from './cable';
import { product } from './product';
import { visitor } from './visitor';

/**
 * The product as it runs in earnest, with a wire to its database and one to its mail server that a test can cut: a real
 * Postgres that can be killed and started again, a real mail server, the built app in a process of its own.
 */
export const PASSWORD = 'violet tractor ninety-one';
const INVITE = '/administration/access/users/invite';

export async function rig(variables: Record<string, string> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-faults-'));
  await chmod(dataDir, 0o755);
  let database = await startEmbeddedPostgres({ dataDir });
  const mail = await smtpSink();
  const databaseWire = await cable(() => Number(new URL(database.url).port));
  const mailWire = await cable(() => Number(new URL(mail.url).port));
  const wired = new URL(database.url);
  wired.port = String(databaseWire.port);

  const secrets = {
    AUTH_SECRET: 'a secret of the tests, long enough to be one',
    SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  const app = await product({
    ...secrets,
    DATA_DIR: join(dataDir, 'app'),
    DATABASE_URL: wired.href,
    SMTP_URL: `smtp://127.0.0.1:${mailWire.port}`,
    ...variables,
  });
  // The test itself goes to the database directly, whatever has become of the wire.
  Object.assign(process.env, { ...secrets, APP_URL: app.origin, SMTP_URL: mail.url, DATABASE_URL: database.url });
  await migrate(database.url);
  await app.start();

  let tenants = 0;
  const newTenant = async () => {
    const slug = `acme-${Date.now().toString(36)}-${tenants++}`;
    const { tenant } = unwrap(await createTenant({ slug, name: 'Acme' }, operator));
    const add = async (name: string, role: Role = 'standard_user') => {
      const person = { email: `${name}@${slug}.example`, firstName: name, lastName: 'Acme', role, password: PASSWORD };
      return unwrap(await createUser(operator(tenant.id), person)).user;
    };
    const admin = await add('ada', 'tenant_admin');
    const browser = visitor(app.origin);
    const page = await browser.signIn(admin.email, PASSWORD);
    expect(page.text).toContain('Acme');
    return { id: tenant.id, slug, admin, add, browser };
  };
  type Tenant = Awaited<ReturnType<typeof newTenant>>;

  return {
    app,
    mail,
    databaseWire,
    mailWire,
    newTenant,

    /** The page that it ends on. */
    async invite({ browser }: Tenant, email: string) {
      const page = await browser.open(INVITE);
      return page.status === 200 ? browser.press(page, 'Send the invitation', { email }) : page;
    },

    /** What there is of a person and their invitation, counted. */
    async tracesOf(email: string) {
      const [row] = await db.$client<Record<string, number>[]>`
        select (select count(*)::int from users where email = ${email}) as users,
          (select count(*)::int from invitations i join users u on u.id = i.user_id where u.email = ${email}
            and i.accepted_at is null and i.revoked_at is null) as "openInvitations",
          (select count(*)::int from mails where to_address = ${email}) as mails,
          (select count(*)::int from audit_entries where target_label = ${email}) as entries`;
      return row;
    },

    /**
     * Somebody else's hold on all rows of a table, or on one person: a deed that writes there stops in its middle until
     * it is let go.
     */
    async hold(what: 'invitations' | 'sessions' | User) {
      const own = postgres(database.url, { max: 1 });
      let letGo = () => {};
      const released = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      await new Promise<void>((isHeld, fails) => {
        const holding = own.begin(async (tx) => {
          if (typeof what === 'string') await tx`lock table ${tx(what)} in exclusive mode`;
          else await tx`select from users where id = ${what.id} for update`;
          isHeld();
          await released;
        });
        holding.catch(fails);
      });
      return async () => {
        letGo();
        await own.end();
      };
    },

    /** Until so many deeds wait for a lock. */
    async areWaiting(atLeast = 1): Promise<void> {
      await until(
        async () => {
          const [row] =
            await db.$client`select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'`;
          return row?.n >= atLeast;
        },
        `${atLeast} wait for a lock`,
        60_000,
      );
    },

    async killDatabase(): Promise<void> {
      const pid = Number((await readFile(join(dataDir, 'server', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
      await disconnect();
      process.kill(pid, 'SIGKILL');
    },
    async startDatabase(): Promise<void> {
      database = await startEmbeddedPostgres({ dataDir, port: Number(new URL(database.url).port) });
    },

    /** After whatever happened: the log is whole, what it says is what is, and nothing is there by half. */
    async expectWhole({ id }: Tenant): Promise<void> {
      expect(await verifyChain(id)).toMatchObject({ broken: null });
      const [wrong] = await db.$client`
        select (select count(*)::int from users u where tenant_id = ${id} and status in ('invited', 'deactivated')
            and not exists (select from audit_entries where tenant_id = ${id} and target_id = u.id
              and action in ('user.invited', 'user.deactivated'))) as "without an entry",
          (select count(*)::int from users u where tenant_id = ${id} and status = 'invited' and 1 <> (
            select count(*) from invitations where tenant_id = ${id} and user_id = u.id and accepted_at is null
              and revoked_at is null)) as "invited without one open invitation",
          (select count(*)::int from sessions s join users u on u.id = s.user_id where s.tenant_id = ${id}
            and ended_at is null and u.status <> 'active') as "sessions of nobody active",
          (select count(*)::int from mails where tenant_id = ${id} and (content_sealed is null) <> (settled_at is not null))
            as "mails half settled"`;
      expect(wrong).toEqual({
        'without an entry': 0,
        'invited without one open invitation': 0,
        'sessions of nobody active': 0,
        'mails half settled': 0,
      });
    },

    async end(): Promise<void> {
      await app.kill();
      databaseWire.close();
      mailWire.close();
      await disconnect();
      await mail.stop();
      await database.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
export type Rig = Awaited<ReturnType<typeof rig>>;

export async function until(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 20_000): Promise<void> {
  for (const since = Date.now(); !(await isSo()); await sleep(30)) {
    if (Date.now() - since > withinMs) throw new Error(`Not within ${withinMs} ms: ${what}.`);
  }
}
