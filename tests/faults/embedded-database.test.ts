import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Product, product } from './support/product';
import { until } from './support/rig';
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
const PERSON = { organisation: 'Acme', name: 'Acme', email: 'ada@acme.example', firstName: 'Ada', lastName: 'Acme' };

/** The first organisation, made by the link that the first start prints. */
async function firstAdmin(product: Product) {
  const link = /http:\S+\/setup\S+/.exec(product.said())?.[0] ?? '';
  const browser = visitor(product.origin);
  const page = await browser.open(new URL(link).href.replace(product.origin, ''));
  const button = page.document.querySelectorAll('main button, form button').at(-1)?.text.trim() ?? '';
  const after = await browser.press(page, button, { ...PERSON, slug: 'acme', password: 'violet tractor ninety-one' });
  expect(after.url).not.toContain('/setup');
  return browser;
}
const postmaster = () =>
  Number(readFileSync(join(dir, 'data/postgres/server/data/postmaster.pid'), 'utf8').split('\n')[0]);

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
    expect(refused).toMatch(/Something went wrong|cannot reach its data|no answer/);
    expect(await app.answers('/api/health/live')).toBe(200);

    rmSync(ballast);
    await app.isReady(60_000);
    for (const email of [...invited, 'before@acme.example'].slice(-5)) {
      const list = await browser.open(`/administration/access/users?q=${encodeURIComponent(email)}`);
      expect(list.text).toContain(email);
    }
    expect((await invite('after@acme.example'))?.url).toContain('done=');
  },
);
