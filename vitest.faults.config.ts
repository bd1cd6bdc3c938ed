import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config';

/** `npm run test:faults`: each file breaks its own product, so one file at a time. Needs a build. */
export default mergeConfig(
  { plugins: base.plugins, resolve: base.resolve },
  defineConfig({
    test: {
      include: ['tests/faults/**/*.test.ts'],
      fileParallelism: false,
      retry: process.env.CI ? 1 : 0,
      testTimeout: 120_000,
      hookTimeout: 300_000,
    },
  }),
);
