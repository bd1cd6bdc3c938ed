import { existsSync } from 'node:fs';
import { run } from './install.mjs';

/** A Chromium for the stories: one that is there, Debian's package as root, otherwise Playwright's own. */
export function ensureBrowser() {
  if (process.env.E2E_CHROMIUM || existsSync('/usr/bin/chromium')) return;
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.log('Installing Chromium …');
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
    return;
  }
  run(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium']);
}
