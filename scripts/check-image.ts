import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { startEmbeddedPostgres } from '@/db/embedded';
import { readDockerfile, type Stage, type Step } from './dockerfile';
import { startMailbox } from './mailbox/mailbox';

/**
 * `npm run check:image`: runs the steps of the Dockerfile as plain commands, each stage in its own folder, and starts the
 * result: as another user, with the variables of compose.yaml, on a real Postgres. It must answer, run the operator's shell
 * and stop cleanly. What an engine adds (the base image, the isolation of a container) is not checked.
 */
const PORT = 3390;
const STARTS_WITHIN_MS = 60_000;
const HOME = '/app';
const NOBODY = 65534;

type Variables = Record<string, string>;
/** The framework's types require NODE_ENV in every environment; here the image sets it. */
const asEnv = (variables: Variables) => variables as unknown as NodeJS.ProcessEnv;

const place = mkdtempSync(join(tmpdir(), 'rollcall-image-'));
chmodSync(place, 0o755);
const folderOf = ({ name }: Stage) => join(place, name);
/** Maps a path of the image to the folder of its stage. */
const inStage = (stage: Stage, path: string) => join(folderOf(stage), relative(HOME, resolve(HOME, path)));

/** The files known to git that `.dockerignore` lets through. */
function contextFiles(): string[] {
  const allowed = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const known = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  return known
    .split('\n')
    .filter((file) => existsSync(file) && allowed.some((name) => file === name || file.startsWith(`${name}/`)));
}

function copy(stages: Stage[], stage: Stage, { from, sources, to }: Extract<Step, { does: 'COPY' }>): void {
  const origin = from === null ? null : stages.find(({ name }) => name === from);
  for (const source of sources) {
    const isFolder = to.endsWith('/') || to === '.';
    const into = (path: string) => inStage(stage, isFolder && source !== '.' ? join(to, path) : to);
    if (origin) cpSync(inStage(origin, source), into(source), { recursive: true });
    else
      for (const file of contextFiles().filter(
        (each) => source === '.' || each === source || each.startsWith(`${source}/`),
      )) {
        const target =
          source === file ? into(file) : join(inStage(stage, to), source === '.' ? file : relative(source, file));
        mkdirSync(dirname(target), { recursive: true });
        cpSync(file, target);
      }
  }
}

function build(stages: Stage[], stage: Stage): Variables {
  const variables: Variables = {};
  // The image's users do not exist here, so chown does nothing; the user to run as is set below.
  const shims = join(place, 'shims');
  mkdirSync(shims, { recursive: true });
  writeFileSync(join(shims, 'chown'), '#!/bin/sh\n', { mode: 0o755 });
  mkdirSync(folderOf(stage), { recursive: true });
  for (const step of stage.steps) {
    if (step.does === 'ENV') Object.assign(variables, step.variables);
    if (step.does === 'COPY') copy(stages, stage, step);
    if (step.does !== 'RUN') continue;
    console.log(`${stage.name}: ${step.command}`);
    const env = { PATH: `${shims}:${process.env.PATH}`, HOME: place, ...npmOfThisMachine(), ...variables };
    execFileSync('sh', ['-c', step.command], { cwd: folderOf(stage), env: asEnv(env), stdio: 'inherit' });
  }
  return variables;
}

/** This machine's registry settings and package cache. */
function npmOfThisMachine(): Variables {
  const told = Object.entries(process.env).filter(([name]) => /^npm_config_(registry|userconfig|cafile)$/i.test(name));
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
  return { ...(Object.fromEntries(told) as Variables), npm_config_cache: cache };
}

async function check(stage: Stage, variables: Variables): Promise<void> {
  const folder = folderOf(stage);
  for (const part of ['.', 'node_modules', '.next'])
    console.log(execFileSync('du', ['-sh', part], { cwd: folder, encoding: 'utf8' }).trim());
  const database = await startEmbeddedPostgres({ dataDir: join(place, 'postgres') });
  const mailbox = await startMailbox({ dir: join(place, 'mailbox'), smtpPort: 1125, webPort: 8125 });
  const env = {
    PATH: process.env.PATH ?? '',
    ...variables,
    ...composed(database.url, mailbox.smtpUrl),
    PORT: String(PORT),
  };
  try {
    await run(stage, folder, env);
  } finally {
    await mailbox.stop();
    await database.stop();
  }
}

/** The app's variables from compose.yaml, with a database and a mailbox of this machine in place of its services. */
function composed(databaseUrl: string, smtpUrl: string): Record<string, string> {
  const given: Record<string, unknown> = parse(readFileSync('compose.yaml', 'utf8')).services.app.environment;
  const secrets: Record<string, string> = {
    AUTH_SECRET: 'x'.repeat(40),
    SEALING_KEY: Buffer.alloc(32, 1).toString('base64'),
  };
  const filled = Object.entries(given).map(([name, value]) => [
    name,
    String(value).replace(/\$\{(\w+)(?::-([^}]*)|:\?)?\}/g, (_, asked: string, usual = '') => secrets[asked] ?? usual),
  ]);
  return {
    ...Object.fromEntries(filled),
    DATABASE_URL: databaseUrl,
    SMTP_URL: smtpUrl,
    APP_URL: `http://localhost:${PORT}`,
  };
}

async function run(stage: Stage, folder: string, env: Variables): Promise<void> {
  const [command = '', ...words] = stage.steps.flatMap((step) => (step.does === 'CMD' ? step.words : []));
  const isRoot = process.getuid?.() === 0;
  const nobody = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) chownSync(join(folder, 'data'), NOBODY, NOBODY);
  const began = Date.now();
  const app = spawn(command, words, { cwd: folder, env: asEnv(env), stdio: 'inherit', ...nobody });
  const exit = once(app, 'exit');
  try {
    while ((await statusOf('/api/health/ready')) !== 200) {
      if (app.exitCode !== null || Date.now() - began > STARTS_WITHIN_MS) throw new Error('It does not start.');
      await sleep(200);
    }
    console.log(`ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    const page = await (await fetch(`http://127.0.0.1:${PORT}/sign-in`)).text();
    const [asset = ''] = /\/_next\/static\/[^"]+\.css/.exec(page) ?? [];
    for (const path of ['/sign-in', '/api/health/live', asset])
      if (!path || (await statusOf(path)) !== 200) throw new Error(`${path || 'The style sheet'} is not answered.`);
    const [, ...health] = stage.steps.flatMap((step) => (step.does === 'HEALTHCHECK' ? step.words : []));
    execFileSync(command, health, { cwd: folder, env: asEnv(env) });
    execFileSync(command, ['--import', 'tsx', 'scripts/admin.ts', 'tenant', 'list'], {
      cwd: folder,
      env: asEnv(env),
      ...nobody,
    });
  } finally {
    app.kill('SIGTERM');
  }
  const [code] = await exit;
  if (code !== 0) throw new Error(`It stopped with exit code ${code}.`);
}

const statusOf = (path: string): Promise<number> =>
  fetch(`http://127.0.0.1:${PORT}${path}`).then(
    ({ status }) => status,
    () => 0,
  );

try {
  const stages = readDockerfile(readFileSync('Dockerfile', 'utf8'));
  let variables: Variables = {};
  for (const stage of stages) variables = build(stages, stage);
  const last = stages.at(-1);
  if (last) await check(last, variables);
  console.log('\nThe image’s steps work, and what comes of them starts, answers and stops.');
} finally {
  rmSync(place, { recursive: true, force: true });
}
