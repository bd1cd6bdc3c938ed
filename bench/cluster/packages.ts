import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** The cluster's other programs come from Debian packages, which are installed if missing. That needs root. */
const PACKAGES = ['postgresql', 'pgbouncer', 'nginx-light'];
const VERSIONS = '/usr/lib/postgresql';

/** Returns the folder of Postgres' programs. */
export function ensurePackages(): string {
  if (!postgresPrograms() || !existsSync('/usr/sbin/pgbouncer') || !existsSync('/usr/sbin/nginx')) install();
  const programs = postgresPrograms();
  if (!programs) throw new Error('Postgres was installed, but its programs are not under /usr/lib/postgresql.');
  return programs;
}

function postgresPrograms(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number) : [];
  const newest = Math.max(0, ...versions.filter((version) => existsSync(`${VERSIONS}/${version}/bin/pg_basebackup`)));
  return newest ? `${VERSIONS}/${newest}/bin` : undefined;
}

function install(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(
      `This needs ${PACKAGES.join(', ')} of Debian. Here they cannot be installed: run it as root on Debian.`,
    );
  console.log(`Installing ${PACKAGES.join(', ')} …`);
  // With RUNLEVEL=1 the installation starts none of their services.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status;
  if (run('update') !== 0 || run('install', '-y', '--no-install-recommends', ...PACKAGES) !== 0)
    throw new Error('apt-get could not install them; the lines above say why.');
}
