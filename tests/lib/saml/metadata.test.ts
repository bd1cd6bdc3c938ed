import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GET } from '@/app/api/saml/[tenant]/metadata/route';
import { expiryOf, readCertificate } from '@/lib/saml/certificate';
import { ensureKeyPair, isKeyPair, keyPairs, rotateKeyPair } from '@/lib/saml/keys';
import { isProviderUrl, readMetadata } from '@/lib/saml/metadata';
import { newTenant } from '../../support/cast';
import { race } from '../../support/race';
import { newKeys } from '../../support/rsa-keys';
import { bare, IDP, idpKeys, metadataOf } from '../../support/saml-idp';

const now = new Date();
const read = (xml: string) => readMetadata(xml, now);
const day = 86_400_000;

describe('the verdict on metadata', () => {
  test('says what was found', () => {
    const { metadata, problems, warnings, found } = read(metadataOf([bare(idpKeys)]));
    expect(metadata).toMatchObject({
      idpEntityId: IDP,
      ssoUrl: 'https://idp.example/sso',
      ssoBinding: 'redirect',
      sloUrl: 'https://idp.example/slo',
      wantsSignedRequests: false,
    });
    expect([problems, warnings]).toEqual([[], []]);
    expect(found.map(({ term }) => term)).toEqual([
      'Entity ID',
      'Sign-in address',
      'Sign-out address',
      'Signed requests',
      'Certificate',
    ]);
  });

  test.each([
    ['nothing', '', 'Paste the metadata'],
    ['no XML', 'hello', 'not well-formed'],
    ['a web page', '<html xmlns="http://www.w3.org/1999/xhtml"/>', 'no SAML metadata'],
    [
      'a service provider',
      '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"><SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>',
      'no identity provider',
    ],
    [
      'SAML 1.1',
      metadataOf([]).replace('urn:oasis:names:tc:SAML:2.0:protocol', 'urn:oasis:names:tc:SAML:1.1:protocol'),
      'another protocol',
    ],
    ['entities', `<!DOCTYPE x [<!ENTITY a "b">]>${metadataOf([])}`, 'document type'],
    ['a megabyte', `<a>${'x'.repeat(1_100_000)}</a>`, 'more than 1 MB'],
    ['tags without end', '<a>'.repeat(5000), 'more elements'],
    [
      'two providers',
      `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${metadataOf([])}${metadataOf([])}</EntitiesDescriptor>`,
      '2 identity providers',
    ],
  ])('%s is refused in words', (_, xml, words) => {
    expect(read(xml).metadata).toBeNull();
    expect(read(xml).problems.join()).toContain(words);
  });

  test('names everything that is missing', () => {
    const bareMetadata = metadataOf([], '').replaceAll(/<md:Single\w+Service[^>]*>/g, '');
    expect(read(bareMetadata).problems).toHaveLength(3);
  });

  test('takes no certificate with a short key, and warns of one that runs out', async () => {
    const short = await newKeys(365, 1024);
    expect(read(metadataOf([bare(short)])).problems.join()).toContain('at least 2048 bits');
    expect(read(metadataOf([bare(short), bare(idpKeys)])).warnings.join()).toContain('cannot be used');
    const soon = await newKeys(20);
    expect(read(metadataOf([bare(soon)]))).toMatchObject({
      problems: [],
      warnings: [expect.stringContaining('runs out on')],
    });
    const over = await newKeys(-1);
    expect(read(metadataOf([bare(over)])).warnings.join()).toContain('ran out on');
  });

  test('bears with a comment at the top, a mark of byte order and a time that is not over', () => {
    const xml = `\ufeff<?xml version="1.0"?>\n<!-- Do not edit -->\n${metadataOf([bare(idpKeys)])}`;
    expect(read(xml).metadata).not.toBeNull();
    expect(read(xml.replace('entityID=', 'validUntil="2001-01-01T00:00:00Z" entityID=')).problems.join()).toContain(
      'is over',
    );
  });

  test.each([
    'http://idp.example/sso',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://user@idp.example',
    '/sso',
    '',
  ])('leads nobody to %s', (url) => {
    expect(isProviderUrl(url)).toBe(false);
  });
});

test('a certificate is warned of from thirty days on', () => {
  const certificate = readCertificate(bare(idpKeys));
  if (!certificate) throw new Error('not read');
  const at = (days: number) => expiryOf(certificate, new Date(certificate.until.getTime() - days * day));
  expect([at(31), at(30), at(1), at(-1)]).toEqual(['valid', 'soon', 'soon', 'expired']);
});

describe('our own metadata', () => {
  const metadataFor = async (slug: string) => {
    const response = await GET(new Request('http://rollcall.test'), { params: Promise.resolve({ tenant: slug }) });
    return { status: response.status, xml: await response.text() };
  };

  test('is there before a provider is, and for tenants alone', async () => {
    await ensureKeyPair();
    const { slug } = await newTenant();
    expect(await metadataFor(slug)).toMatchObject({
      status: 200,
      xml: expect.stringContaining(`/api/saml/${slug}/acs`),
    });
    expect((await metadataFor('nobody')).status).toBe(404);
    expect((await metadataFor(slug)).xml).toBe((await metadataFor(slug)).xml);
  });

  const SCHEMAS = '/usr/share/simplesamlphp/schemas';
  test.skipIf(!existsSync('/usr/bin/xmllint') || !existsSync(SCHEMAS))(
    'is valid against the schema, also while keys rotate',
    async () => {
      await ensureKeyPair();
      await rotateKeyPair();
      const { xml } = await metadataFor((await newTenant()).slug);
      expect(xml.match(/use="signing"/g)?.length).toBeGreaterThan(1);
      const dir = mkdtempSync(join(tmpdir(), 'rollcall-schema-'));
      const file = join(dir, 'metadata.xml');
      writeFileSync(file, xml);
      // The imports name addresses on the web; the same files lie beside.
      const local = (text: string) =>
        text.replace(
          /schemaLocation="https?:[^"]*\/([^"/]*)"/g,
          (_, name: string) => `schemaLocation="${name === 'xenc-schema.xsd' || name.startsWith('x') ? name : name}"`,
        );
      for (const name of [
        'saml-schema-metadata-2.0.xsd',
        'saml-schema-assertion-2.0.xsd',
        'xmldsig-core-schema.xsd',
        'xenc-schema.xsd',
        'xml.xsd',
      ])
        writeFileSync(join(dir, name), local(readFileSync(join(SCHEMAS, name), 'utf8')));
      const validate = () =>
        execFileSync('xmllint', ['--noout', '--nonet', '--schema', join(dir, 'saml-schema-metadata-2.0.xsd'), file], {
          stdio: 'pipe',
        });
      expect(validate).not.toThrow();
      writeFileSync(file, xml.replace('AssertionConsumerService', 'Other'));
      expect(validate).toThrow();
    },
  );
});

describe('our keys', () => {
  test('several processes at their first start make one', async () => {
    await race([1, 2, 3, 4].map(() => () => ensureKeyPair()));
    const pairs = await keyPairs();
    expect(pairs.every(isKeyPair)).toBe(true);
  });

  test('after a rotation the new one comes first, and the old one still opens for thirty days', async () => {
    await ensureKeyPair();
    const [before] = await keyPairs();
    const given = await newKeys();
    await rotateKeyPair(given);
    expect((await keyPairs()).map(({ certificate }) => certificate)).toEqual(
      expect.arrayContaining([given.certificate, before.certificate]),
    );
    expect((await keyPairs())[0].certificate).toBe(given.certificate);
    expect((await keyPairs(new Date(Date.now() + 31 * day))).map(({ certificate }) => certificate)).toEqual([
      given.certificate,
    ]);
    expect(isKeyPair({ privateKey: given.privateKey, certificate: before.certificate })).toBe(false);
  });
});
