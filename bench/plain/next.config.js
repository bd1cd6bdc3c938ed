import { fileURLToPath } from 'node:url';

/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  // The build looks upwards for a proxy and an instrumentation: the product's must not be this page's too.
  pageExtensions: ['plain.tsx'],
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['postgres'],
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
};
