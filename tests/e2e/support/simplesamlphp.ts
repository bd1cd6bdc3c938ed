import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeys } from '../../support/rsa-keys';

const HOME = '/usr/share/simplesamlphp';
export const hasSimpleSamlPhp = (): boolean => existsSync(`${HOME}/www`) && existsSync('/usr/bin/php');

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

const tagged = (xml: string, name: string) =>
  new RegExp(`<(?:\\w+:)?${name}[^>]*>([^<]*)<`).exec(xml)?.[1]?.replace(/\s/g, '') ?? '';
const located = (xml: string, name: string) =>
  new RegExp(`<(?:\\w+:)?${name}[^>]* Location="([^"]*)"`).exec(xml)?.[1] ?? '';

/**
 * An identity provider by Debian's SimpleSAMLphp, served by PHP itself: it signs response and assertion, encrypts for our
 * key, wants signed requests, and asks for a name and a password on its own page.
 */
export async function startSimpleSamlPhp(spMetadata: string, people: Record<string, Record<string, string>>) {
  const dir = await mkdtemp(join(tmpdir(), 'rollcall-idp-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const { privateKey, certificate } = await newKeys();
  await Promise.all(['metadata', 'cert', 'tmp', 'sessions'].map((name) => mkdir(join(dir, name))));
  const entityId = /entityID="([^"]*)"/.exec(spMetadata)?.[1] ?? '';
  const users = Object.entries(people).map(
    ([name, attributes]) =>
      `'${name}:secret' => [${Object.entries(attributes).map(([key, value]) => `'${key}' => ['${value}']`)}],`,
  );
  await Promise.all([
    writeFile(join(dir, 'cert/idp.key'), privateKey),
    writeFile(join(dir, 'cert/idp.crt'), certificate),
    writeFile(
      join(dir, 'config.php'),
      `<?php $config = ['baseurlpath' => '${origin}/', 'certdir' => '${dir}/cert/', 'tempdir' => '${dir}/tmp', 'datadir' => '${dir}/', 'metadatadir' => '${dir}/metadata',
        'loggingdir' => '${dir}/', 'logging.handler' => 'file', 'secretsalt' => 'a salt of the stories', 'auth.adminpassword' => 'an admin of the stories', 'technicalcontact_email' => 'na@example.org',
        'timezone' => 'UTC', 'enable.saml20-idp' => true, 'session.cookie.secure' => false, 'session.phpsession.savepath' => '${dir}/sessions', 'store.type' => 'phpsession',
        'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true], 'metadata.sources' => [['type' => 'flatfile']], 'language.default' => 'en', 'language.available' => ['en'], 'theme.use' => 'default'];`,
    ),
    writeFile(
      join(dir, 'authsources.php'),
      `<?php $config = ['people' => ['exampleauth:UserPass', ${users.join(' ')}]];`,
    ),
    writeFile(
      join(dir, 'metadata/saml20-idp-hosted.php'),
      `<?php $metadata['__DYNAMIC:1__'] = ['host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt', 'auth' => 'people', 'saml20.sign.response' => true, 'saml20.sign.assertion' => true,
        'redirect.validate' => true, 'SingleLogoutServiceBinding' => ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'], 'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'];`,
    ),
    writeFile(
      join(dir, 'metadata/saml20-sp-remote.php'),
      `<?php $metadata['${entityId}'] = ['AssertionConsumerService' => '${located(spMetadata, 'AssertionConsumerService')}', 'certData' => '${tagged(spMetadata, 'X509Certificate')}',
        'assertion.encryption' => true, 'validate.authnrequest' => true, 'simplesaml.nameidattribute' => 'mail', 'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        'SingleLogoutService' => [['Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', 'Location' => '${located(spMetadata, 'SingleLogoutService')}']], 'sign.logout' => true];`,
    ),
  ]);
  const server: ChildProcess = spawn(
    '/usr/bin/php',
    ['-d', `session.save_path=${dir}/sessions`, '-S', `127.0.0.1:${port}`, '-t', `${HOME}/www`],
    {
      env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: dir },
      stdio: 'ignore',
    },
  );
  const metadataUrl = `${origin}/saml2/idp/metadata.php`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(metadataUrl).catch(() => null);
    if (answer?.ok) break;
    if (tries > 50) throw new Error(`SimpleSAMLphp does not answer: ${answer?.status} ${await answer?.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    dir,
    origin,
    metadata: async () => (await fetch(metadataUrl)).text(),
    stop: async () => {
      server.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
