import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { chromiumPath } from './scripts/browser.mjs';

/**
 * The stories run against the built product, started as `npm start` starts it, on their own data. With E2E_ORIGIN they run
 * against one started elsewhere, with the database and the secrets of the environment (`bench/cluster`).
 */
const PORT = Number(process.env.E2E_PORT ?? 3210);
const startsHere = process.env.E2E_ORIGIN === undefined || process.env.E2E_STARTS_HERE !== undefined;
if (startsHere) process.env.E2E_STARTS_HERE = 'yes';
process.env.E2E_ORIGIN ??= `http://localhost:${PORT}`;
const executablePath = chromiumPath();

// The workers read this file too: only the first process makes the folder.
process.env.E2E_DATA_DIR ??= mkdtempSync(join(tmpdir(), 'rollcall-e2e-'));
// The folder is created private. When root runs the stories, the database server is another user and must reach it.
chmodSync(process.env.E2E_DATA_DIR, 0o755);
// Only the stories know it.
process.env.E2E_METRICS_TOKEN ??= randomUUID();
process.env.E2E_MAIL_DIR = join(process.env.E2E_DATA_DIR, 'mailbox');

// Keeps a developer's own configuration out of the stories: an empty variable counts as not set.
const OWN = [
  ...['HOST', 'HEALTH_PORT', 'DATABASE_URL', 'DATABASE_DIRECT_URL', 'DATABASE_REPLICA_URL', 'SMTP_URL', 'MAIL_FROM'],
  ...['AUTH_SECRET', 'SEALING_KEY', 'TRUSTED_PROXIES', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'LOG_LEVEL'],
];
if (startsHere) for (const name of OWN) process.env[name] = '';

export default defineConfig({
  testDir: 'tests/e2e',
  ...(startsHere ? { globalTeardown: './tests/e2e/support/teardown.ts' } : {}),
  workers: 2,
  fullyParallel: true,
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.E2E_ORIGIN,
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Europe/Berlin',
    // Recording each step slows every story.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
  // The first run comes first, because any other story's tenant would end it.
  projects: [
    { name: 'first run', testMatch: 'setup.spec.ts' },
    { name: 'stories', testIgnore: 'setup.spec.ts', dependencies: ['first run'] },
  ],
  ...(startsHere ? { webServer: server() } : {}),
});

function server() {
  return {
    command: `${JSON.stringify(process.execPath)} --import tsx scripts/serve.ts`,
    url: `http://localhost:${PORT}/api/health/ready`,
    // It builds first if the sources have changed since the last build.
    timeout: 300_000,
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 20_000 },
    stdout: 'ignore' as const,
    stderr: 'pipe' as const,
    env: {
      PORT: String(PORT),
      APP_URL: `http://localhost:${PORT}`,
      DATA_DIR: String(process.env.E2E_DATA_DIR),
      // Two processes answer in turn, so state that only one of them knows makes a story fail.
      WEB_CONCURRENCY: '2',
      METRICS_TOKEN: String(process.env.E2E_METRICS_TOKEN),
      NODE_ENV: 'production',
    },
  };
}
