/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.NEXT_DIST_DIR || '.next',
  reactStrictMode: true,
  poweredByHeader: false,
  // No image is resized here, so the endpoint that would do it is closed.
  images: { unoptimized: true },

  // A list never serves a cached page: authority and rows are read on each request.
  experimental: {
    staleTimes: { dynamic: 0, static: 30 },
    authInterrupts: true,
    // A list of 1 MB, and what a form adds to it.
    serverActions: { bodySizeLimit: '3mb' },
  },
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        // Not no-referrer: with it, forms send `Origin: null`. Links with tokens are told to no other site.
        { key: 'Referrer-Policy', value: 'same-origin' },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
        { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()' },
      ],
    },
  ],
  // Types are a step of `npm test`, over the tests and scripts too; a start need not wait for them.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['nodemailer', 'postgres', '@node-saml/node-saml', '@peculiar/x509'],
};
