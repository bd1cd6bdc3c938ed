/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.NEXT_DIST_DIR || '.next',
  // Set by scripts/build.mjs: the same sources have the same build id on every host.
  generateBuildId: () => process.env.ROLLCALL_SOURCES?.slice(0, 20) ?? null,
  reactStrictMode: true,
  poweredByHeader: false,
  // No images are resized here, so the endpoint for that is closed.
  images: { unoptimized: true },

  // A list never serves a cached page: authority and rows are read on each request.
  experimental: {
    staleTimes: { dynamic: 0, static: 30 },
    authInterrupts: true,
    // A list of 2 MB, and what the form adds to it.
    serverActions: { bodySizeLimit: '3mb' },
    // How much of a body the framework buffers while the gate decides; scripts/serve/refuse-request.ts refuses longer ones.
    proxyClientMaxBodySize: '4mb',
  },
  // `npm test` checks types, also of tests and scripts, so a start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: [
    // One copy for gate, pages and routes: it recognises its own classes quickly, and those of another copy by walking the
    // prototype chain.
    'drizzle-orm',
    'nodemailer',
    'postgres',
    'libpg-query',
    'pino',
    'prom-client',
    '@opentelemetry/api',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace-base',
    '@node-saml/node-saml',
    '@peculiar/x509',
  ],
};
