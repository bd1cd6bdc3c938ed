import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ruleFor } from '@/lib/auth/route-access';
import { parseLaunchEnv } from '@/lib/env';
import { readDockerfile, type Step } from '@/scripts/dockerfile';
import { SERVE } from '@/scripts/run.mjs';

/** What an engine would find out, where there is none. `npm run check:image` carries the steps out. */
const stages = readDockerfile(readFileSync('Dockerfile', 'utf8'));
const last = stages.at(-1);
const stepsOf = <D extends Step['does']>(does: D, of = stages) =>
  of.flatMap(({ steps }) => steps).filter((step): step is Extract<Step, { does: D }> => step.does === does);
const ofLast = <D extends Step['does']>(does: D) => stepsOf(does, last ? [last] : []);
const compose = parse(readFileSync('compose.yaml', 'utf8'));
const { app, database, mail } = compose.services;
const pinned = /^[\w/.-]+:v?\d+\.\d+[\w.-]*$/;
const allowed = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

describe('the Dockerfile', () => {
  test('builds on one Node, by an exact tag, and of the kind the product asks for', () => {
    const bases = new Set(stages.map(({ base }) => base));
    expect([...bases]).toEqual([expect.stringMatching(/^node:\d+\.\d+\.\d+-[\w-]+$/)]);
    const [major, minor] =
      /(\d+)\.(\d+)/
        .exec([...bases][0] ?? '')
        ?.slice(1)
        .map(Number) ?? [];
    const [least] = /\d+\.\d+/.exec(JSON.parse(readFileSync('package.json', 'utf8')).engines.node) ?? [];
    expect(Number(major) * 1000 + Number(minor)).toBeGreaterThanOrEqual(20_000 + Number(least?.split('.')[1]));
  });

  test('copies only what is there and let through, and from stages that come before', () => {
    for (const [index, { steps }] of stages.entries())
      for (const { from, sources } of steps.filter((step) => step.does === 'COPY')) {
        if (from !== null) expect(stages.slice(0, index).map(({ name }) => name)).toContain(from);
        else
          for (const source of sources.filter((each) => each !== '.'))
            expect([source, existsSync(source), allowed.includes(source)]).toEqual([source, true, true]);
      }
    for (const name of allowed) expect([name, existsSync(name)]).toEqual([name, true]);
  });

  test('installs what the lockfile names, and lets no secret in', () => {
    const commands = stepsOf('RUN').map(({ command }) => command);
    expect(commands.filter((command) => /npm (install|i|add)\b/.test(command))).toEqual([]);
    expect(commands.filter((command) => command.startsWith('npm ci'))).toHaveLength(2);
    const variables = stepsOf('ENV').flatMap((step) => Object.keys(step.variables));
    expect(variables.filter((name) => /SECRET|KEY|PASSWORD|TOKEN|_URL/.test(name))).toEqual([]);
    expect(allowed.filter((name) => /^\.|data|secret/.test(name))).toEqual([]);
  });

  test('runs as nobody in particular, says when it is alive, and starts what is there', () => {
    expect(ofLast('USER').map(({ value }) => value)).toEqual(['node']);
    const [health] = ofLast('HEALTHCHECK');
    const [path = ''] = /\/api\/health\/\w+/.exec(health?.words.join(' ') ?? '') ?? [];
    expect(ruleFor(path)?.access).toBe('public');
    const [start] = ofLast('CMD');
    expect(start?.words).toEqual(['node', ...SERVE, '--built']);
  });
});

/** As compose asks for a variable that must be there. */
const asked = (name: string) => `\${${name}:?}`;

describe('compose.yaml', () => {
  const image: Record<string, string> = Object.assign({}, ...ofLast('ENV').map(({ variables }) => variables));
  const secrets = {
    AUTH_SECRET: 'x'.repeat(40),
    SEALING_KEY: Buffer.alloc(32, 1).toString('base64'),
    POSTGRES_PASSWORD: 'p',
  };
  const filled = (value: unknown) =>
    String(value).replace(
      /\$\{(\w+)(?::-([^}]*)|:\?)?\}/g,
      (_, name: string, usual = '') => ({ ...secrets })[name] ?? usual,
    );
  const given = Object.fromEntries(Object.entries(app.environment).map(([name, value]) => [name, filled(value)]));

  test('gives the app what it needs, and only variables that it knows', () => {
    const known = new Set([...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name));
    expect(Object.keys(app.environment).filter((name) => !known.has(name))).toEqual([]);
    // What an image fixes, or compose itself says: the rest is handed on, or a line of .env would be one for nothing.
    const fixed = [
      'PORT',
      'HOST',
      'HEALTH_PORT',
      'DATA_DIR',
      'DATABASE_DIRECT_URL',
      'DATABASE_REPLICA_URL',
      'LOG_FORMAT',
    ];
    expect([...known].filter((name) => !fixed.includes(String(name)) && !(String(name) in app.environment))).toEqual(
      [],
    );
    const { NODE_ENV: _, NEXT_TELEMETRY_DISABLED: __, ...ofImage } = image;
    expect(Object.keys(ofImage).filter((name) => !known.has(name))).toEqual([]);
    expect(parseLaunchEnv({ NODE_ENV: 'production', ...image, ...given })).toMatchObject({
      PORT: 3000,
      LOG_FORMAT: 'json',
    });
  });

  test('asks for each secret, and holds none', () => {
    for (const name of ['AUTH_SECRET', 'SEALING_KEY']) expect(app.environment[name]).toBe(asked(name));
    expect(database.environment.POSTGRES_PASSWORD).toBe(asked('POSTGRES_PASSWORD'));
    expect(app.environment.DATABASE_URL).toContain(asked('POSTGRES_PASSWORD'));
  });

  test('joins what it names: ports, services, the database’s name and user, volumes', () => {
    const [exposed] = ofLast('EXPOSE');
    expect([exposed?.value, image.PORT]).toEqual(['3000', '3000']);
    expect(app.ports).toEqual(['3000:3000']);
    const url = new URL(given.DATABASE_URL ?? '');
    expect([url.hostname, url.port, url.username, url.pathname]).toEqual([
      'database',
      '5432',
      database.environment.POSTGRES_USER,
      `/${database.environment.POSTGRES_DB}`,
    ]);
    expect(new URL(given.SMTP_URL ?? '').hostname).toBe('mail');
    for (const name of Object.keys(app.depends_on)) expect(Object.keys(compose.services)).toContain(name);
    const [volume] = ofLast('VOLUME');
    expect(app.volumes).toEqual([`data:${volume?.value}`]);
    const volumes = [...app.volumes, ...database.volumes].map((each: string) => each.split(':')[0]);
    expect(Object.keys(compose.volumes).sort()).toEqual(volumes.sort());
    expect(`/app/${image.DATA_DIR}`).toBe(volume?.value);
  });

  test('takes pinned images, gives the app no more than it needs, and time to stop', () => {
    expect(database.image).toMatch(pinned);
    expect(mail.image).toMatch(pinned);
    expect(app).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    // The announcement, requests under way, mail under way.
    expect(Number.parseInt(app.stop_grace_period, 10)).toBeGreaterThan(Number(app.environment.DRAIN_SECONDS) + 10 + 5);
    expect(mail.ports, 'whoever reads it can take over accounts').toEqual(['127.0.0.1:8025:8025']);
  });
});
