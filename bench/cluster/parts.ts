import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A part of the cluster. All listen on loopback, each with its own folder and log. */
export type Part = { name: string; process: ChildProcess; stop(signal?: NodeJS.Signals): Promise<void> };
export const PASSWORD = 'of-the-cluster';
export const urlOf = (port: number, user = 'rollcall') => `postgres://${user}:${PASSWORD}@127.0.0.1:${port}/rollcall`;

// Postgres and PgBouncer refuse to run as root.
const idOf = (flag: '-u' | '-g') => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
const postgresUser = () => (process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {});

export function folderOf(dir: string, name: string): string {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, gid } = postgresUser();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

type Start = { dir: string; name: string; port: number; command: string; args: string[]; own?: boolean };

async function start({ dir, name, port, command, args, own = false }: Start): Promise<Part> {
  const log = openSync(join(dir, `${name}.log`), 'a');
  const child = spawn(command, args, { ...(own ? {} : postgresUser()), cwd: '/', stdio: ['ignore', log, log] });
  const part: Part = {
    name,
    process: child,
    async stop(signal = 'SIGINT') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
  for (const since = Date.now(); Date.now() - since < 60_000; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`${name} ended at once; ${join(dir, `${name}.log`)} says why.`);
    if (await listens(port)) return part;
  }
  await part.stop('SIGKILL');
  throw new Error(`${name} does not listen on port ${port}.`);
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });

const serve = (dir: string, programs: string, name: string, port: number, flags: string[]) =>
  start({
    dir,
    name,
    port,
    command: join(programs, 'postgres'),
    args: [
      ...['-D', join(dir, name), '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
      ...['-c', 'unix_socket_directories=', '-c', 'shared_buffers=128MB', ...flags],
    ],
  });

export async function startPrimary(dir: string, programs: string, port: number): Promise<Part> {
  const data = folderOf(dir, 'primary');
  const password = join(folderOf(dir, 'secret'), 'password');
  writeFileSync(password, PASSWORD);
  const as = { ...postgresUser(), cwd: '/', stdio: 'ignore' } as const;
  const login = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${password}`];
  execFileSync(join(programs, 'initdb'), ['-D', data, ...login, '--encoding=UTF8', '--locale=C.UTF-8'], as);
  const primary = await serve(dir, programs, 'primary', port, []);
  // The product's role owns only its own database.
  const script = [`create role rollcall login password '${PASSWORD}'`, 'create database rollcall owner rollcall'];
  const superuser = urlOf(port, 'postgres').replace(/rollcall$/, 'postgres');
  execFileSync('psql', [superuser, ...script.flatMap((line) => ['-c', line])], { stdio: 'ignore' });
  return primary;
}

/** Copies the running primary, then follows it by streaming replication. */
export async function startReplica(dir: string, programs: string, port: number, primary: number): Promise<Part> {
  const data = folderOf(dir, 'replica');
  const from = ['-d', urlOf(primary, 'postgres').replace(/\/rollcall$/, ''), '-D', data, '-R', '-c', 'fast'];
  execFileSync(join(programs, 'pg_basebackup'), from, { ...postgresUser(), cwd: '/', stdio: 'ignore' });
  return serve(dir, programs, 'replica', port, []);
}

/** PgBouncer opens fewer database connections than the two app processes would without it. */
export async function startPgBouncer(dir: string, port: number, primary: number): Promise<Part> {
  const settings = pointPgBouncer(dir, port, primary);
  return start({ dir, name: 'pgbouncer', port, command: '/usr/sbin/pgbouncer', args: [settings] });
}

/** Writes the configuration with the given database port. A running PgBouncer reloads it on SIGHUP. */
export function pointPgBouncer(dir: string, port: number, database: number): string {
  const folder = folderOf(dir, 'pgbouncer');
  writeFileSync(join(folder, 'users.txt'), `"rollcall" "${PASSWORD}"\n`);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
rollcall = host=127.0.0.1 port=${database} dbname=rollcall
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${folder}/users.txt
pool_mode = transaction
default_pool_size = 8
max_client_conn = 400
server_login_retry = 1
query_wait_timeout = 5
ignore_startup_parameters = plan_cache_mode, extra_float_digits
`,
  );
  return join(folder, 'pgbouncer.ini');
}

/** Promotes the replica to primary. */
export const promote = (dir: string, programs: string): void =>
  void execFileSync(join(programs, 'pg_ctl'), ['promote', '-w', '-D', join(dir, 'replica')], {
    ...postgresUser(),
    cwd: '/',
    stdio: 'ignore',
  });

/**
 * If a host refuses or drops a connection, nginx tries the next one for idempotent requests, but not for a form that was
 * already sent. A 503 is passed on: retrying a busy host's would only make the other busy, and without a database both say
 * it. A static file that one host lacks (from another release) is looked up on the other.
 */
export async function startNginx(dir: string, port: number, hosts: number[]): Promise<Part> {
  const folder = join(dir, 'nginx');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (of) => `${of}_temp_path ${folder}/${of};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
worker_processes 1;
pid ${folder}/pid;
events { worker_connections 512; }
http {
  ${temporary.join('\n  ')}
  access_log ${folder}/access.log;
  client_max_body_size 8m;
  upstream rollcall {
    ${hosts.map((host) => `server 127.0.0.1:${host} max_fails=1 fail_timeout=2s;`).join('\n    ')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 2;
    proxy_connect_timeout 1s;
    add_header X-Host $upstream_addr always;
    location / { proxy_pass http://rollcall; }
    location /_next/static/ {
      proxy_pass http://rollcall;
      proxy_next_upstream error timeout http_404;
    }
  }
}
`,
  );
  const args = ['-c', join(folder, 'nginx.conf'), '-e', join(dir, 'nginx.log')];
  return start({ dir, name: 'nginx', port, command: '/usr/sbin/nginx', args, own: true });
}
