import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { db } from '@/db/client';
import { acsUrlOf, entityIdOf } from '@/lib/saml/addresses';
import { readCertificate } from '@/lib/saml/certificate';
import { changeOptions, findConnection, importMetadata, optionsOf } from '@/lib/saml/connection';
import { listDomains, verifyDomain } from '@/lib/saml/domains';
import { readMapping } from '@/lib/saml/groups';
import {
  announceKeyPair,
  dropOldKeyPairs,
  isKeyPair,
  type KeyPair,
  rotateKeyPair,
  switchKeyPair,
} from '@/lib/saml/keys';
import { readMetadata } from '@/lib/saml/metadata';
import { deleteConnection, disable, enable, listPasswordAdmins, requireSaml } from '@/lib/saml/mode';
import { readDomain } from '@/lib/tenants/invitation-domains';
import { countAdminsUnder } from '@/lib/users/last-admin';
import { REFUSALS } from '@/lib/users/refusals';
import {
  type Command,
  command,
  ofTenant,
  operator,
  personOf,
  Refused,
  TENANT,
  tenantOf,
  text,
  UsageError,
  unwrap,
} from './command';

const flag = z.boolean().optional();

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Refused(`${path} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}.`);
  });
}

async function shown(slug: string) {
  const tenant = await tenantOf(slug);
  const connection = await findConnection(tenant.id);
  if (!connection) throw new Refused(`${slug} has no SAML connection.`);
  const certificates = connection.certificates.map(readCertificate).filter((each) => each !== null);
  const admins = await listPasswordAdmins(tenant.id);
  return {
    tenant: slug,
    saml: tenant.saml,
    entityId: entityIdOf(slug),
    acsUrl: acsUrlOf(slug),
    idpEntityId: connection.idpEntityId,
    ssoUrl: connection.ssoUrl,
    certificates: certificates.map(({ subject, until, fingerprint }) => ({ subject, until, fingerprint })),
    ...optionsOf(connection),
    groupMapping: await readMapping(tenant.id),
    domains: await listDomains(tenant.id),
    breakGlass: admins.filter(({ breakGlass }) => breakGlass).map(({ email }) => email),
    testedAt: connection.testedAt,
  };
}

/**
 * If no admins are named, keeps the present break-glass admins. If there are none, takes the longest-standing admin with a
 * password.
 */
async function breakGlassFor(tenantId: string, slug: string, named: string[]): Promise<string[]> {
  if (named.length > 0) {
    const ids = await Promise.all(named.map(async (email) => (await personOf({ tenant: slug, email })).id));
    if ((await listPasswordAdmins(tenantId, db, ids)).length < new Set(ids).size)
      throw new Refused(REFUSALS['break-glass-unfit']);
    return ids;
  }
  const admins = await listPasswordAdmins(tenantId);
  const there = admins.filter(({ breakGlass }) => breakGlass);
  return (there.length > 0 ? there : admins.slice(0, 1)).map(({ id }) => id);
}

const KEY_PAIR = {
  key: { value: 'FILE', help: 'take this private key (PEM) in place of a new one' },
  certificate: { value: 'FILE', help: 'and its certificate (PEM)' },
};
const keyPair = z.object({ key: z.string().optional(), certificate: z.string().optional() });

async function readKeyPair({ key, certificate }: z.output<typeof keyPair>): Promise<KeyPair | undefined> {
  if ((key === undefined) !== (certificate === undefined)) throw new UsageError('--key and --certificate go together.');
  if (!key || !certificate) return undefined;
  const given = { privateKey: await readText(key), certificate: await readText(certificate) };
  if (!isKeyPair(given)) throw new Refused('These are not an RSA private key and its own certificate, in PEM.');
  return given;
}

export const samlCommands: Record<string, Command> = {
  import: command(
    'takes the metadata of an identity provider; options that are not named stay',
    {
      ...TENANT,
      metadata: { value: 'FILE', help: 'the metadata, as the provider offers it for download' },
      enable: { help: 'sign people in by it' },
      jit: { help: 'make whoever it signs in and nobody knows a standard user' },
      require: { help: 'sign people in by it alone, save break-glass admins; enables it too' },
      'break-glass': {
        value: 'ADDRESSES',
        help: 'with --require: whose passwords still open their accounts; the first admin unless said',
      },
    },
    ofTenant.extend({ metadata: text, enable: flag, jit: flag, require: flag, breakGlass: z.string().optional() }),
    async ({ tenant: slug, metadata: path, enable: on, jit, require, breakGlass }) => {
      if (breakGlass !== undefined && !require) throw new UsageError('--break-glass goes with --require.');
      const { id } = await tenantOf(slug);
      const actor = operator(id);
      const metadata = await readText(path);
      const verdict = readMetadata(metadata, new Date());
      if (!verdict.metadata) throw new Refused(verdict.problems.join('\n'));
      const named = breakGlass?.split(/[\s,]+/).filter(Boolean) ?? [];
      // Checked before anything is written, so that a missing person is reported while nothing has changed.
      const glass = require ? await breakGlassFor(id, slug, named) : [];
      if (require && glass.length === 0 && (await countAdminsUnder(id, 'required')) === 0)
        throw new Refused(REFUSALS['no-admin-left']);
      unwrap(await importMetadata(actor, { metadata }));
      if (jit) unwrap(await changeOptions(actor, { jit: true }));
      if (on || require) unwrap(await enable(actor));
      if (require) unwrap(await requireSaml(actor, { breakGlass: glass }));
      return { ...(await shown(slug)), warnings: verdict.warnings };
    },
  ),
  show: command('shows the connection', TENANT, ofTenant, ({ tenant }) => shown(tenant)),
  disable: command(
    'lets passwords in again and SAML no more, where an admin has a password',
    TENANT,
    ofTenant,
    async ({ tenant }) => {
      const { id } = await tenantOf(tenant);
      const { auditId: _, ...ended } = unwrap(await disable(operator(id)));
      return { tenant, ...ended };
    },
  ),
  delete: command('removes metadata, settings and links', TENANT, ofTenant, async ({ tenant }) => {
    const { id } = await tenantOf(tenant);
    const { auditId: _, ...ended } = unwrap(await deleteConnection(operator(id)));
    return { tenant, ...ended };
  }),
  'verify-domain': command(
    'confirms that a domain is the tenant’s, whoever claimed it before',
    { ...TENANT, domain: { value: 'DOMAIN', help: 'such as example.com' } },
    ofTenant.extend({ domain: text }),
    async ({ tenant, domain: typed }) => {
      const { id } = await tenantOf(tenant);
      const domain = readDomain(typed);
      if (!domain) throw new UsageError(`“${typed}” is not a domain such as example.com.`);
      return { tenant, ...unwrap(await verifyDomain(operator(id), { domain })) };
    },
  ),
  'rotate-key': command(
    'makes a new key pair of the product; the old one decrypts for 30 days more',
    KEY_PAIR,
    keyPair,
    async (input) => rotateKeyPair(await readKeyPair(input)),
  ),
  'announce-key': command(
    'shows a second certificate of the product in its metadata, before its key signs',
    KEY_PAIR,
    keyPair,
    async (input) => unwrap(await announceKeyPair(await readKeyPair(input))),
  ),
  'switch-key': command(
    'signs by the announced key from now on; the old one decrypts for 30 days more',
    {},
    z.object({}),
    async () => unwrap(await switchKeyPair()),
  ),
  'drop-key': command('forgets the keys that do not sign any more', {}, z.object({}), () => dropOldKeyPairs()),
};
