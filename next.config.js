/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.NEXT_DIST_DIR || '.next',
  // Set by scripts/build.mjs: the same sources are the same build, on whichever host.
  generateBuildId: () => process.env.ROLLCALL_SOURCES?.slice(0, 20) ?? null,
  reactStrictMode: true,
  poweredByHeader: false,
  // No image is resized here, so the endpoint that would do it is closed.
  images: { unoptimized: true },

  // A list never serves a cached page: authority and rows are read on each request.
  experimental: {
    staleTimes: { dynamic: 0, static: 30 },
    authInterrupts: true,
    // A list of 2 MB, and what a form adds to it.
    serverActions: { bodySizeLimit: '3mb' },
    // What the gate's framework keeps of a body while the gate decides; scripts/serve/refuse-request.ts lets nothing longer in.
    proxyClientMaxBodySize: '4mb',
  },
  // Types are a step of `npm test`, over the tests and scripts too; a start need not wait for them.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: [
    // One copy for gate, pages and routes: it tells its own kinds quickly, and another copy's by a walk through their classes.
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
