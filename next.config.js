/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.NEXT_DIST_DIR || '.next',
  reactStrictMode: true,
  poweredByHeader: false,
  
  // A list never serves a cached page: authority and rows are read on each request.
  experimental: { staleTimes: { dynamic: 0, static: 30 } },
  serverExternalPackages: ['nodemailer', 'postgres'],
};
