import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Product, product } from './support/product';
import { PASSWORD, until } from './support/rig';
import { visitor } from './support/visitor';

/** The product with the database that it brings itself, on a disk that a test can fill. */
let dir = '';
let app: Product | undefined;
let isMounted = false;

afterEach(async () => {
  await app?.stop();
  if (isMounted) execFileSync('umount', [dir]);
  isMounted = false;
  rmSync(dir, { recursive: true, force: true });
});

const variables = () => ({ DATA_DIR: join(dir, 'data'), SMTP_URL: 'smtp://127.0.0.1:1' });
const PERSON = { tenantName: 'Acme', firstName: 'Ada', lastName: 'Acme', email: 'ada@acme.example' };

/** The first organisation, made by the link that the first start prints. */
async function firstAdmin(product: Product) {
  const link = /http:\S+\/setup\S+/.exec(product.said())?.[0] ?? '';
  const browser = visitor(product.origin);
  const page = await browser.press(await browser.open(link), 'Set up and sign in', { ...PERSON, password: PASSWORD });
  expect(page.url).toContain('/administration/access/users');
  return browser;
}
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** By the operator's shell, which fails where it is broken. */
const expectWholeLog = () => {
  const env = { ...process.env, ...variables() };
  const words = ['--import', 'tsx', 'scripts/admin.ts', 'audit', 'verify', '--tenant', 'acme'];
  expect(JSON.parse(execFileSync(process.execPath, words, { env, encoding: 'utf8' })).entries).toBeGreaterThan(0);
};
/** 0 while there is none. */
const postmaster = (): number => {
  const file = join(dir, 'data/postgres/server/data/postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
};

test('killed, it is started again by the product, and everybody is still signed in', async () => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-faults-'));
  chmodSync(dir, 0o755);
  app = await product(variables());
  await app.start();
  const browser = await firstAdmin(app);
  process.kill(postmaster(), 'SIGKILL');
  await until(async () => (await app?.answers('/api/health/ready')) !== 200, 'the database is missed');
  await app.isReady(30_000);
  expect((await browser.open('/profile')).text).toContain(PERSON.email);
  expectWholeLog();
});

test('outlives a product that is killed, belongs to the next one, and is started again and stopped by it', async () => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-faults-'));
  chmodSync(dir, 0o755);
  app = await product(variables());
  await app.start();
  const browser = await firstAdmin(app);
  const first = postmaster();
  await app.kill();
  expect(isAlive(first)).toBe(true);
  await app.start();
  expect(postmaster()).toBe(first);
  expect((await browser.open('/profile')).text).toContain(PERSON.email);

  process.kill(first, 'SIGKILL');
  await until(() => ![0, first].includes(postmaster()), 'it is started again');
  // Readiness is looked at once a second: it may still say what was so before.
  await until(async () => (await browser.open('/profile')).text.includes(PERSON.email), 'the page comes again');
  const second = postmaster();
  expect(await app.stop()).toBe(0);
  await until(() => !isAlive(second), 'it is stopped');
});

test('that nobody stopped is stopped by the product that found it', async () => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-faults-'));
  chmodSync(dir, 0o755);
  app = await product(variables());
  await app.start();
  const first = postmaster();
  await app.kill();
  await app.start();
  expect(await app.stop()).toBe(0);
  await until(() => !isAlive(first), 'it is stopped');
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(canMount)(
  'a full disk: what cannot be kept is refused, what was kept stays, and it goes on when there is room',
  async () => {
    dir = mkdtempSync(join(tmpdir(), 'rollcall-faults-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300m,mode=755', 'tmpfs', dir]);
    isMounted = true;
    app = await product(variables());
    await app.start();
    const browser = await firstAdmin(app);
    const invite = async (email: string) =>
      browser
        .press(await browser.open('/administration/access/users/invite'), 'Send the invitation', { email })
        .catch(() => null);
    expect((await invite('before@acme.example'))?.url).toContain('done=');

    const ballast = join(dir, 'ballast');
    const { bavail, bsize } = statfsSync(dir);
    writeFileSync(ballast, Buffer.alloc(bavail * bsize));
    const invited = new Set<string>();
    let refused = '';
    for (let n = 0; n < 400 && !refused; n++) {
      const page = await invite(`full-${n}@acme.example`);
      if (page?.status === 200 && page.url.includes('done=')) invited.add(`full-${n}@acme.example`);
      else refused = page?.text ?? 'no answer';
    }
    expect(refused, app.said().slice(-3_000)).toMatch(/Something went wrong|cannot reach its data|no answer/);
    expect(await app.answers('/api/health/live')).toBe(200);

    rmSync(ballast);
    await app.isReady(60_000);
    for (const email of [...invited, 'before@acme.example'].slice(-5)) {
      const list = await browser.open(`/administration/access/users?q=${encodeURIComponent(email)}`);
      expect(list.text).toContain(email);
    }
    expect((await invite('after@acme.example'))?.url).toContain('done=');
    expectWholeLog();
  },
);
