import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

/** Tests look at every tenant, so when a test file itself imports the database, it gets the same one without the tenant wall. */
const openDatabase: Plugin = {
  name: 'open-database',
  enforce: 'pre',
  resolveId: (source, importer) =>
    /\/db\/client(\.ts)?$/.test(source) && importer?.includes('/tests/') && !importer.endsWith('/open-database.ts')
      ? fileURLToPath(new URL('tests/support/open-database.ts', import.meta.url))
      : null,
};

export default defineConfig({
  plugins: [openDatabase],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('.', import.meta.url)),
    },
  },
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/e2e/**', 'tests/faults/**'],
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Like the stories: on a shared machine, a test may be late now and then.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
