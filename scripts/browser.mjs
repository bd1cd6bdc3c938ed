import { existsSync, readFileSync } from 'node:fs';
import { run, runTool } from './run.mjs';

// The headless shell draws no window: the stories take half the time in it.
const OF_DEBIAN = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const isRoot = process.getuid?.() === 0;
const isDebian = () => existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** The Chromium that the stories run in. Undefined means Playwright's own. */
export const chromiumPath = () => process.env.E2E_CHROMIUM || OF_DEBIAN.find((path) => existsSync(path));

/** Installs a Chromium if there is none: as root on Debian its package, otherwise Playwright's own. */
export async function ensureBrowser() {
  if (chromiumPath()) return 0;
  console.log('Installing Chromium …');
  if (isRoot && isDebian() && (await installFromDebian()) === 0) return 0;
  const own = ['install', ...(isRoot && process.platform === 'linux' ? ['--with-deps'] : []), 'chromium'];
  const code = await runTool('@playwright/test/cli.js', ...own);
  if (code !== 0)
    console.error(
      'No browser could be installed. Install Chromium, and set E2E_CHROMIUM to its path if it is elsewhere.',
    );
  return code;
}

async function installFromDebian() {
  const quietly = { DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['chromium-headless-shell', 'fonts-liberation'];
  return (
    (await run('apt-get', ['update', '-qq'], quietly)) ||
    (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quietly))
  );
}
