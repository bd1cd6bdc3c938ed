import { sql } from 'drizzle-orm';
import { expect, test, vi } from 'vitest';
import { db } from '@/db/client';
import { confirmByPassword } from '@/lib/auth/confirm';
import { encodeSessionCookie } from '@/lib/auth/cookie';
import { forgotPassword } from '@/lib/auth/forgot-password';
import { findOpenReset, resetPassword } from '@/lib/auth/reset-password';
import { signInByPassword } from '@/lib/auth/sign-in';
import { env } from '@/lib/env';
import { acceptInvitation } from '@/lib/invitations/accept';
import { showInvitationLink } from '@/lib/invitations/handle';
import { handleScim } from '@/lib/scim/door';
import { call, newKey } from '../support/api';
import { actorOf, cast, FROM_TEST, PASSWORD, signedIn } from '../support/cast';
import { newToken } from '../support/scim';
import { withApp } from '../support/second-factor';
import { expectConsoleError } from '../support/setup';

const NEW = 'copper lantern sixty-six';

/** Every row of every table, as text. */
async function wholeDatabase(): Promise<string> {
  const tables = await db.execute<{ name: string }>(
    sql`select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const dumps = await Promise.all(
    tables.map(({ name }) => db.execute<{ row: string }>(sql.raw(`select row_to_json(t)::text as row from ${name} t`))),
  );
  expect(dumps.flat().length).toBeGreaterThan(50);
  return dumps
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

test('no secret is said on the log, in an error, or by a row, in the course of a day and where the database fails', async () => {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((piece) => said.push(String(piece)) > 0);
  for (const way of ['log', 'info', 'warn', 'debug'] as const)
    vi.spyOn(console, way).mockImplementation((...words) => void said.push(words.map(String).join(' ')));
  expectConsoleError(/refuses_all/);

  const { acme } = await cast();
  const ada = await actorOf(acme.ada);
  const session = await signedIn(acme.sam);
  const app = await withApp(acme.grace);
  const key = await newKey(acme.ada);
  const scim = await newToken(acme.tenant);
  const shown = await showInvitationLink(ada, { userId: acme.ivy.id });
  const invitation = shown.ok ? String(shown.value.url.split('/').pop()) : '';
  const secrets = [
    PASSWORD,
    NEW,
    'a wrong password',
    session.token,
    await encodeSessionCookie(session.token),
    app.secret,
    ...app.codes,
    key.token,
    scim.token,
    invitation,
    env().AUTH_SECRET,
    env().SEALING_KEY,
  ];
  expect(secrets.every((secret) => secret.length >= 8)).toBe(true);

  const answers: string[] = [];
  const day = async () => {
    const asked = [
      signInByPassword({ email: acme.sam.email, password: PASSWORD }, FROM_TEST),
      signInByPassword({ email: acme.sam.email, password: 'a wrong password' }, FROM_TEST),
      confirmByPassword(session.actor, { password: 'a wrong password' }),
      forgotPassword({ email: acme.sam.email }, FROM_TEST).then((outcome) =>
        outcome.ok ? outcome.value.sent : undefined,
      ),
      findOpenReset('x'.repeat(43)),
      resetPassword({ token: 'x'.repeat(43), password: NEW }, FROM_TEST),
      acceptInvitation({ token: invitation, firstName: 'Ivy', lastName: 'G', password: NEW }, FROM_TEST),
      call(key.token, 'POST', '/invitations', { body: { email: 'new@x.example', role: 'standard_user' } }).then(
        (answer) => answers.push(JSON.stringify(answer.json)),
      ),
      handleScim(
        new Request('http://rollcall.test/api/scim/v2/Users', {
          method: 'POST',
          headers: { authorization: `Bearer ${scim.token}`, 'content-type': 'application/scim+json' },
          body: JSON.stringify({
            userName: 'zoe',
            password: NEW,
            emails: [{ value: `zoe@${acme.tenant.slug}.example` }],
          }),
        }),
      ).then(async (answer) => answers.push(await answer.text())),
    ];
    return Promise.allSettled(asked);
  };
  // First every deed fails at its last step, where Postgres tells the whole row that it refused.
  await db.execute(sql`alter table audit_entries add constraint refuses_all check (false) not valid`);
  const failed = await day();
  await db.execute(sql`alter table audit_entries drop constraint refuses_all`);
  const errors = failed.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
  expect(errors.length).toBeGreaterThan(3);
  answers.push(
    ...errors.map((error) => `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`),
  );
  expect((await day()).filter(({ status }) => status === 'rejected')).toEqual([]);
  const logged = vi.mocked(console.error).mock.calls.map((words) => words.map(String).join(' '));

  const database = await wholeDatabase();
  for (const secret of secrets)
    for (const [where, text] of Object.entries({
      log: [...said, ...logged].join('\n'),
      answers: answers.join('\n'),
      database,
    }))
      expect([where, text.includes(secret)], secret).toEqual([where, false]);
});
