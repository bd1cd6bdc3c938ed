import { mkdtempSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { and, asc, eq } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { db } from '@/db/client';
import { auditEntries } from '@/db/schema/audit';
import { mails } from '@/db/schema/mails';
import { samlConnections } from '@/db/schema/saml';
import { type User, users } from '@/db/schema/users';
import { verifyPassword } from '@/lib/crypto/password';
import { findOpenInvitation } from '@/lib/invitations/find-open';
import { findSession } from '@/lib/sessions/find';
import { cast, newTenant, newUser, PASSWORD, reread, signedIn } from '../support/cast';
import { newKeys } from '../support/rsa-keys';
import { metadataOf } from '../support/saml-idp';
import { clientOf } from '../support/scim';
import { admin, type Ended, ended, startAdmin } from '../support/shell';
import { tamper } from '../support/tamper';
import { actionsOn, trailOf } from '../support/trail';

async function done(args: string[], stdin = '') {
  const { code, out, err } = await admin(args, stdin);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

const refused = (err: string) => ({ code: 1, out: '', err: `${err}\n` });
const misused = (err: string) => ({ code: 2, out: '', err: `${err}\n` });

const naming = (user: User) => ['--tenant', slugOf(user), '--email', user.email];
/** The factories make addresses of the tenant's slug. */
const slugOf = (user: User) => user.email.slice(user.email.indexOf('@') + 1, -'.example'.length);
const OPERATOR = `${userInfo().username}@${hostname()}`;

const trailOfTenant = (tenantId: string) =>
  db.select().from(auditEntries).where(eq(auditEntries.tenantId, tenantId)).orderBy(asc(auditEntries.id));

describe('the very first tenant and admin, without a browser', () => {
  const create = (email: string) =>
    `user create --tenant first --email ${email} --first-name Ada --role tenant_admin --password-stdin`.split(' ');
  let tenantId = '';
  beforeAll(async () => {
    tenantId = (await done(['tenant', 'create', '--slug', 'first', '--name', 'First & Söhne'])).id;
  });

  test('are made, with the password from stdin, and recorded as the operator’s deeds', async () => {
    const { code, out, err } = await ended(startAdmin(create('Ada@first.example')), `${PASSWORD}\n`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const made = JSON.parse(out);
    expect(made).toMatchObject({ email: 'Ada@first.example', role: 'tenant_admin', status: 'active' });
    expect(JSON.stringify(made)).not.toMatch(/argon2|password/i);

    const [ada] = await db.select().from(users).where(eq(users.tenantId, tenantId));
    expect(await verifyPassword(ada?.passwordHash ?? null, PASSWORD)).toBe(true);
    const entries = await trailOfTenant(tenantId);
    expect(entries.map(({ action }) => action)).toEqual(['tenant.created', 'user.created']);
    for (const entry of entries) {
      expect(entry).toMatchObject({ actorKind: 'cli', actorId: null, actorLabel: OPERATOR, ip: null, sessionId: null });
    }
    const listed: { id: string }[] = await done(['tenant', 'list']);
    expect(listed.find(({ id }) => id === tenantId)).toMatchObject({ slug: 'first', name: 'First & Söhne' });
  });

  test('a slug or an address that is taken is refused, also in other letter case', async () => {
    expect(await admin(['tenant', 'create', '--slug', 'first', '--name', 'Again'])).toEqual(
      refused('Another tenant already has this slug.'),
    );
    expect(await admin(create('ADA@FIRST.example'), PASSWORD)).toEqual(
      refused('Somebody in this organisation already uses this address.'),
    );
  });

  test('a weak password is refused, a missing one is wrong usage', async () => {
    expect(await admin(create('bob@first.example'), 'short')).toEqual(
      refused('The password must have at least 12 characters.'),
    );
    expect(await admin(create('bob@first.example'), '\n')).toEqual(
      misused('--password-stdin expects a password on stdin, of at most 1024 characters.'),
    );
    expect(await db.select().from(users).where(eq(users.email, 'bob@first.example'))).toEqual([]);
  });
});

describe('a user named by tenant and address', () => {
  test('gets another role, and the trail says from which to which', async () => {
    const { acme } = await cast();
    const shouted = ['--tenant', acme.tenant.slug, '--email', acme.sam.email.toUpperCase()];
    const shown = await done(['user', 'set-role', ...shouted, '--role', 'tenant_admin']);
    expect(shown).toMatchObject({ email: acme.sam.email, role: 'tenant_admin' });
    expect((await trailOf(acme.sam))[0]).toMatchObject({
      action: 'user.role-changed',
      actorKind: 'cli',
      actorLabel: OPERATOR,
      details: { before: 'standard_user', after: 'tenant_admin' },
    });
  });

  test('the last admin cannot be demoted, deactivated or removed: one sentence, exit 1, no entry', async () => {
    const { globex } = await cast();
    const mallory = naming(globex.mallory);
    const sentence = 'This is the last Tenant Admin who can sign in. Make somebody else an admin first.';
    expect(await admin(['user', 'set-role', ...mallory, '--role', 'standard_user'])).toEqual(refused(sentence));
    expect(await admin(['user', 'deactivate', ...mallory])).toEqual(refused(sentence));
    expect(await admin(['user', 'remove', ...mallory])).toEqual(refused(sentence));
    expect(await reread(globex.mallory)).toEqual(globex.mallory);
    expect(await actionsOn(globex.mallory)).toEqual([]);
  });

  test('of another tenant does not exist', async () => {
    const { acme, globex } = await cast();
    const foreign = ['--tenant', acme.tenant.slug, '--email', globex.otto.email];
    const sentence = refused(`There is no user ${globex.otto.email} in ${acme.tenant.slug}.`);
    const verbs = ['show', 'deactivate', 'sign-out', 'remove'];
    const answers = await Promise.all(verbs.map((verb) => admin(['user', verb, ...foreign])));
    expect(answers).toEqual(verbs.map(() => sentence));
    expect(await reread(globex.otto)).toEqual(globex.otto);
    const nowhere = ['--tenant', 'no-such-tenant', '--email', globex.otto.email];
    expect(await admin(['user', 'show', ...nowhere])).toEqual(refused('There is no tenant “no-such-tenant”.'));
  });

  test('is deactivated with every session, reactivated, and signed out', async () => {
    const { acme } = await cast();
    const before = await signedIn(acme.sam);
    expect(await done(['user', 'deactivate', ...naming(acme.sam)])).toMatchObject({
      email: acme.sam.email,
      sessionsEnded: 1,
    });
    expect(await findSession(before.token)).toBeNull();
    expect(await admin(['user', 'deactivate', ...naming(acme.sam)])).toEqual(refused('This person is not active.'));

    await done(['user', 'reactivate', ...naming(acme.sam)]);
    const after = await signedIn(acme.sam);
    expect(await done(['user', 'sign-out', ...naming(acme.sam)])).toEqual({ email: acme.sam.email, sessionsEnded: 1 });
    expect(await findSession(after.token)).toBeNull();
    expect(await actionsOn(acme.sam)).toEqual(['user.sessions-ended', 'user.reactivated', 'user.deactivated']);
    expect((await trailOf(acme.sam)).map(({ actorKind }) => actorKind)).toEqual(['cli', 'cli', 'cli']);
  });

  test('who was removed is restored: of two with the address, the one removed last', async () => {
    const tenant = await newTenant('Twice');
    const first = await newUser(tenant, 'sam');
    await done(['user', 'remove', ...naming(first)]);
    expect(await admin(['user', 'show', ...naming(first)])).toMatchObject({ code: 1 });
    const second = await newUser(tenant, 'sam');
    await done(['user', 'remove', ...naming(second)]);

    expect(await done(['user', 'restore', ...naming(second)])).toEqual({ email: second.email, status: 'active' });
    expect((await reread(second)).status).toBe('active');
    expect((await reread(first)).status).toBe('removed');
    expect(await admin(['user', 'restore', ...naming(first)])).toEqual(
      refused('Somebody in this organisation already uses this address.'),
    );
    expect(await actionsOn(first)).toEqual(['user.removed']);
    expect(await actionsOn(second)).toEqual(['user.restored', 'user.removed']);
  });
});

describe('user list', () => {
  test('prints everybody of the tenant by address, and those of a status', async () => {
    const { acme } = await cast();
    const list = ['user', 'list', '--tenant', acme.tenant.slug];
    const emails = async (...more: string[]) =>
      ((await done([...list, ...more])) as User[]).map(({ email }) => email.split('@')[0]);
    expect(await emails()).toEqual(['ada', 'dan', 'grace', 'ivy', 'sam']);
    expect(await emails('--status', 'deactivated')).toEqual(['dan']);
    expect(await emails('--status', 'removed')).toEqual([]);
    expect(await emails('--limit', '2')).toEqual(['ada', 'dan']);
  });

  test('goes on past its pages, each person once', async () => {
    const made = await done(['seed', '--create', '--tenant', 'long-list', '--users', '2300']);
    const listed: User[] = await done(['user', 'list', '--tenant', 'long-list']);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(2300 - made.removed);
    expect(listed).toHaveLength(2300 - made.removed);
    expect(await done(['user', 'list', '--tenant', 'long-list', '--limit', '1500'])).toEqual(listed.slice(0, 1500));
  });
});

describe('invitations', () => {
  test('are made, listed, linked, sent again and revoked', async () => {
    const { acme } = await cast();
    const email = `Zoe.New@${acme.tenant.slug}.example`;
    const named = ['--tenant', acme.tenant.slug, '--email', email];
    const made = await done(['invitation', 'create', ...named, '--first-name', 'Zoë']);
    expect(made).toMatchObject({ email, again: false });
    const [mail] = await db.select().from(mails).where(eq(mails.userId, made.userId));
    expect(mail).toMatchObject({ status: 'queued', toAddress: email });

    const listed: { email: string }[] = await done(['invitation', 'list', '--tenant', acme.tenant.slug]);
    expect(listed.map((each) => each.email)).toEqual([acme.ivy.email, email]);
    expect(listed[1]).toMatchObject({ role: 'standard_user', mail: 'queued', expiresAt: made.expiresAt });

    const tokenOf = ({ url }: { url: string }) => url.slice('http://rollcall.test/invitations/'.length);
    const first = tokenOf(await done(['invitation', 'link', ...named]));
    expect(await findOpenInvitation(first)).toMatchObject({ userId: made.userId, firstName: 'Zoë' });
    await done(['invitation', 'resend', ...named]);
    expect(await findOpenInvitation(first)).toBeNull();
    const second = tokenOf(await done(['invitation', 'link', ...named]));
    expect(await done(['invitation', 'revoke', ...named])).toEqual({ email });
    expect(await findOpenInvitation(second)).toBeNull();
    expect(await admin(['invitation', 'link', ...named])).toEqual(
      refused('There is no open invitation. Send a new one.'),
    );

    const entries = await trailOfTenant(acme.tenant.id);
    expect(entries.filter(({ targetId }) => targetId === made.userId).map((e) => [e.action, e.actorLabel])).toEqual(
      ['user.invited', 'invitation.link-shown', 'invitation.resent', 'invitation.link-shown', 'invitation.revoked'].map(
        (action) => [action, OPERATOR],
      ),
    );
  });

  test('are refused for somebody who is in', async () => {
    const { acme } = await cast();
    expect(await admin(['invitation', 'create', ...naming(acme.sam)])).toEqual(
      refused('This person is already an active user.'),
    );
    expect(await admin(['invitation', 'resend', ...naming(acme.sam)])).toMatchObject({ code: 1, out: '' });
  });
});

describe('seed', () => {
  test('needs no more than one connection', async () => {
    const words = ['seed', '--create', '--tenant', 'one-connection', '--users', '5'];
    expect(await ended(startAdmin(words, { DATABASE_POOL_SIZE: '1' }))).toMatchObject({ code: 0, err: '' });
  });

  test('leaves one entry, and the people can sign in by the password from stdin', async () => {
    const tenant = await newTenant('Seeded');
    const made = await done(['seed', '--tenant', tenant.slug, '--users', '50', '--password-stdin'], PASSWORD);
    expect(made.active + made.invited + made.deactivated + made.removed).toBe(50);
    const entries = (await trailOfTenant(tenant.id)).filter(({ action }) => action !== 'tenant.created');
    expect(entries).toMatchObject([{ action: 'users.seeded', actorKind: 'cli', details: { users: 50 } }]);
    const isActive = and(eq(users.tenantId, tenant.id), eq(users.status, 'active'));
    const [active] = await db.select().from(users).where(isActive).limit(1);
    expect(await verifyPassword(active?.passwordHash ?? null, PASSWORD)).toBe(true);
  });

  test('makes no tenant unless told to, and none at all for a weak password', async () => {
    expect(await admin(['seed', '--tenant', 'unseen', '--users', '5'])).toEqual(
      refused('There is no tenant “unseen”.'),
    );
    expect(await admin(['seed', '--create', '--tenant', 'unseen', '--users', '5', '--password-stdin'], 'x')).toEqual(
      refused('The password must have at least 12 characters.'),
    );
    expect(JSON.stringify(await done(['tenant', 'list']))).not.toContain('unseen');
  });
});

describe('usage', () => {
  test('a wrong command, option or value is named, with exit 2 and before any database is asked', async () => {
    const misuses: [string[], Ended][] = [
      [
        ['user', 'promote'],
        misused(
          'There is no command “user promote”, but there is: user create, user show, user list, user set-role, user deactivate, user reactivate, user sign-out, user reset-mfa, user remove, user restore. Options come last.',
        ),
      ],
      [['constructor'], misused('There is no command “constructor”. See --help.')],
      [
        ['--tenant', 'acme', 'user', 'list'],
        misused('Options come after the command: <noun> <verb> --options. See --help.'),
      ],
      [['user', 'list', 'acme'], misused('“user list” takes no “acme”. See user list --help.')],
      [['user', 'list', '--tennant', 'x'], misused("Unknown option '--tennant'. See --help.")],
      [['user', 'show', '--tenant', 'acme'], misused('--email is needed.')],
      [
        ['user', 'show', '--tenant', 'acme', '--email', 'ada'],
        misused('--email: Enter an e-mail address such as ada@example.com.'),
      ],
      [['seed', '--tenant', 'acme', '--users', '1e99'], misused('--users is a whole number from 1 to 2000000.')],
    ];
    const nobody = () => Promise.reject(new Error('the database is asked'));
    const answers = await Promise.all(misuses.map(([args]) => admin(args, '', nobody)));
    expect(answers).toEqual(misuses.map(([, answer]) => answer));
  });

  test('a process says the same on its own streams, with the same exit code', async () => {
    expect(await ended(startAdmin(['constructor']))).toEqual(misused('There is no command “constructor”. See --help.'));
  });

  test('a database that is not there, or a wrong variable, is named before anything is done', async () => {
    const nowhere = { DATABASE_URL: 'postgres://nobody:none@127.0.0.1:1/none' };
    expect(await ended(startAdmin(['tenant', 'list'], nowhere))).toEqual(
      refused('The database cannot be used: connect ECONNREFUSED 127.0.0.1:1.'),
    );
    expect(await ended(startAdmin(['tenant', 'list'], { SEALING_KEY: 'short' }))).toEqual(
      refused('SEALING_KEY must be 32 random bytes in base64.'),
    );
  });

  test('a list that nobody reads to its end ends without a word', async () => {
    await done(['seed', '--create', '--tenant', 'unread', '--users', '2000']);
    const child = startAdmin(['user', 'list', '--tenant', 'unread']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended(child)).toMatchObject({ code: 1, err: '' });
  });

  test('a broken audit log is named by its first broken entry', async () => {
    const { acme, globex } = await cast();
    const verify = (slug: string) => admin(['audit', 'verify', '--tenant', slug]);
    await done(['user', 'deactivate', ...naming(acme.sam)]);
    const { entries, head } = await done(['audit', 'verify', '--tenant', acme.tenant.slug]);
    expect([entries, head]).toEqual([2, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    await tamper((sql) => sql`update audit_entries set actor_label = 'nobody' where target_id = ${acme.sam.id}`);
    expect(await verify(acme.tenant.slug)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /^The audit log of acme-\S+ is broken\. Entry 2 \(.*user\.deactivated\) does not match its seal/,
      ),
    });
    expect((await verify(globex.tenant.slug)).code).toBe(0);
  });

  test('--help answers for the program, a noun and a command, from the same table', async () => {
    const help = async (...args: string[]) => {
      const { code, out, err } = await admin([...args, '--help']);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return out;
    };
    const program = await help();
    for (const name of ['tenant create', 'user set-role', 'invitation link', 'seed']) expect(program).toContain(name);
    const noun = await help('invitation');
    expect(noun).toContain('invitation revoke');
    expect(noun).not.toContain('user set-role');
    expect(await help('user', 'create')).toContain(
      'user create --tenant SLUG --email ADDRESS [--first-name NAME] [--last-name NAME] --role ROLE --password-stdin',
    );
    expect(await admin(['nobody', '--help'])).toEqual(misused('There is no command “nobody”. See --help.'));
  });
});

describe('a SCIM token', () => {
  test('is made, works, is listed without the secret, and is revoked by its name', async () => {
    const { acme } = await cast();
    const tenant = ['--tenant', acme.tenant.slug];
    const made: { token: string; id: string } = await done([
      'scim-token',
      'create',
      ...tenant,
      '--name',
      'Okta',
      '--expires',
      '90d',
    ]);
    expect(made).toMatchObject({
      name: 'Okta',
      token: expect.stringMatching(/^rcscim_/),
      expiresAt: expect.any(String),
    });
    expect((await clientOf(made.token).get('/Users')).status).toBe(200);
    const listed = await done(['scim-token', 'list', ...tenant]);
    expect(listed).toMatchObject([{ id: made.id, name: 'Okta', standing: 'live', createdBy: OPERATOR }]);
    expect(JSON.stringify(listed)).not.toMatch(new RegExp(`${made.token}|tokenHash`));
    await done(['scim-token', 'revoke', ...tenant, '--name', 'Okta']);
    expect((await clientOf(made.token).get('/Users')).status).toBe(401);
    expect(await admin(['scim-token', 'revoke', ...tenant, '--name', 'Okta'])).toEqual(
      refused('There is no such live token.'),
    );
    const actions = (await trailOfTenant(acme.tenant.id)).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['scim.token-created', 'scim.token-revoked']));
  });

  test('of an impossible time is wrong usage', async () => {
    const { acme } = await cast();
    const words = ['scim-token', 'create', '--tenant', acme.tenant.slug, '--name', 'X', '--expires'];
    expect(await admin([...words, 'soon'])).toEqual(misused('--expires is a number of days, such as 90d.'));
    expect(await admin([...words, '0d'])).toEqual(refused('A token is valid for 1 day up to 10 years.'));
  });
});

describe('saml', () => {
  test('import, show, disable and delete, as an operator sets it up by script', async () => {
    const { acme } = await cast();
    const tenant = ['--tenant', acme.tenant.slug];
    const file = join(mkdtempSync(join(tmpdir(), 'rollcall-saml-')), 'metadata.xml');
    const { certificate } = await newKeys();
    writeFileSync(file, metadataOf([certificate.replace(/-----[A-Z ]+-----|\s/g, '')]));

    expect(await admin(['saml', 'show', ...tenant])).toEqual(refused(`${acme.tenant.slug} has no SAML connection.`));
    const imported = await done(['saml', 'import', ...tenant, '--metadata', file, '--enable', '--jit', '--require']);
    // Nobody could sign in otherwise: the admin who is here longest keeps the password.
    expect(imported).toMatchObject({
      saml: 'required',
      jit: true,
      strict: true,
      breakGlass: [acme.ada.email],
      warnings: [],
    });
    expect(await done(['saml', 'verify-domain', ...tenant, '--domain', 'Acme.example'])).toMatchObject({
      domain: 'acme.example',
    });
    expect(await done(['saml', 'show', ...tenant])).toMatchObject({ domains: [{ domain: 'acme.example' }] });
    expect(await done(['saml', 'disable', ...tenant])).toEqual({ tenant: acme.tenant.slug, sessionsEnded: 0 });
    expect(await done(['saml', 'delete', ...tenant])).toEqual({ tenant: acme.tenant.slug, sessionsEnded: 0 });
    const actions = (await trailOfTenant(acme.tenant.id))
      .filter(({ actorKind }) => actorKind === 'cli')
      .map(({ action }) => action);
    expect(actions.filter((action) => action.startsWith('saml.'))).toEqual([
      'saml.metadata-set',
      'saml.options-changed',
      'saml.enabled',
      'saml.required',
      'saml.domain-verified',
      'saml.disabled',
      'saml.deleted',
    ]);
  });

  test('what cannot be used is refused in words', async () => {
    const { acme } = await cast();
    const missing = await admin(['saml', 'import', '--tenant', acme.tenant.slug, '--metadata', '/nowhere.xml']);
    expect(missing).toEqual(refused('/nowhere.xml cannot be read: there is no such file.'));
    const file = join(mkdtempSync(join(tmpdir(), 'rollcall-saml-')), 'metadata.xml');
    const { certificate } = await newKeys();
    writeFileSync(file, metadataOf([certificate.replace(/-----[A-Z ]+-----|\s/g, '')]));
    const importing = [
      'saml',
      'import',
      '--tenant',
      acme.tenant.slug,
      '--metadata',
      file,
      '--require',
      '--break-glass',
    ];
    for (const nobody of [`tpyo@${acme.tenant.slug}.example`, acme.sam.email]) {
      expect(await admin([...importing, nobody])).toMatchObject({ code: 1 });
      expect(await db.select().from(samlConnections).where(eq(samlConnections.tenantId, acme.tenant.id))).toEqual([]);
    }
    const wrong = await admin(['saml', 'import', '--tenant', acme.tenant.slug, '--metadata', 'tsconfig.json']);
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('not well-formed XML') });
  });

  test('the key pair is rotated, or taken', async () => {
    expect(await done(['saml', 'rotate-key'])).toMatchObject({
      certificate: expect.stringContaining('BEGIN CERTIFICATE'),
    });
    expect(await admin(['saml', 'rotate-key', '--key', 'package.json'])).toEqual(
      misused('--key and --certificate go together.'),
    );
  });
});
