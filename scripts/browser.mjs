import { existsSync, readFileSync } from 'node:fs';
import { run, runTool } from './run.mjs';

const SYSTEM_CHROMIUM = '/usr/bin/chromium';
const isRoot = process.getuid?.() === 0;
const isDebian = () => existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** A Chromium for the stories: one that is there, Debian's package as root, otherwise Playwright's own. */
export async function ensureBrowser() {
  if (process.env.E2E_CHROMIUM || existsSync(SYSTEM_CHROMIUM)) return 0;
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
  const packages = ['chromium', 'fonts-liberation'];
  return (
    (await run('apt-get', ['update', '-qq'], quietly)) ||
    (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quietly))
  );
}
