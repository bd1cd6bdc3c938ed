import { existsSync, readFileSync } from 'node:fs';
import { run } from './run.mjs';

const PACKAGES = ['simplesamlphp', 'php-cli', 'php-xml', 'php-mbstring', 'libxml2-utils'];
const isRoot = process.getuid?.() === 0;
const isDebian = () => existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/**
 * Installs SimpleSAMLphp, a real identity provider for one story, and xmllint with the SAML schemas. Without them two tests
 * are skipped.
 */
export async function ensureIdp() {
  if (existsSync('/usr/share/simplesamlphp/www') && existsSync('/usr/bin/xmllint')) return 0;
  if (!isRoot || !isDebian()) {
    console.log(
      'SimpleSAMLphp is installed only as root on Debian: its story and the check against the schema are skipped.',
    );
    return 0;
  }
  console.log('Installing SimpleSAMLphp …');
  const quietly = { DEBIAN_FRONTEND: 'noninteractive' };
  return (
    (await run('apt-get', ['update', '-qq'], quietly)) ||
    (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], quietly))
  );
}
