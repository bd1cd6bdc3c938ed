import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Who looks across tenants, and why it must. Everything else is stopped by the wall (db/tenant-wall.ts). */
const ACROSS: Record<string, string> = {
  'app/api/metrics/waiting-figures.ts': 'how much waits, in all tenants',
  'db/seed.ts': 'example people: statements of thousands of rows, and a vacuum',
  'lib/api-keys/find.ts': 'a key says whose it is',
  'lib/auth/forgot-password.ts': 'an address may be in several tenants',
  'lib/auth/reset-password.ts': 'a link says whose it is',
  'lib/auth/setup.ts': 'whether there is any tenant',
  'lib/auth/sign-in.ts': 'an address may be in several tenants',
  'lib/housekeeping.ts': 'what is over, in all tenants',
  'lib/invitations/find-open.ts': 'a link says whose it is',
  'lib/jobs/work.ts': 'the job whose turn it is, of all tenants',
  'lib/lost-key.ts': 'what was hashed by a key that is lost, in all tenants',
  'lib/mail/deliver.ts': 'mail that is due, of all tenants',
  'lib/mail/settle.ts': 'what became of it, each by its tenant and id',
  'lib/mfa/passkeys.ts': 'a passkey says whose it is',
  'lib/reseal.ts': 'what is sealed, in all tenants',
  'lib/saml/arrive.ts': 'a parked answer says whose it is',
  'lib/saml/domains.ts': 'a domain belongs to one tenant',
  'lib/scim/tokens.ts': 'a token says whose it is',
  'lib/sessions/find.ts': 'a session says whose it is',
  'lib/sessions/replace.ts': 'a browser that signs in here may have been signed in elsewhere',
  'lib/tenants/find.ts': 'a slug names a tenant',
  'lib/users/enter.ts': 'a browser may know people of several tenants',
  'lib/users/remove.ts': 'removed people whose time is over, in all tenants',
  'scripts/admin/backups.ts': 'the chains of all tenants that were brought back',
  'scripts/admin/tenants.ts': 'the operator lists all tenants',
};

const files = ['app', 'db', 'lib', 'scripts', 'bench']
  .flatMap((room) => readdirSync(room, { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)))
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

test('who looks across tenants is listed, with the reason', () => {
  const across = files.filter(({ file, text }) => file !== 'db/tenant-wall.ts' && text.includes('acrossTenants('));
  expect(across.map(({ file }) => file).sort()).toEqual(Object.keys(ACROSS).sort());
});

test('the product sends no statement past the wall', () => {
  const past = files.filter(
    ({ file, text }) =>
      /^(app|lib)\//.test(file) &&
      (text.includes('$client') || /from '(postgres|drizzle-orm\/postgres-js)'/.test(text)),
  );
  expect(past.map(({ file }) => file)).toEqual([]);
});
