# One image for all programs: web, worker, collect, and `cli` with its commands. The embedded PostgreSQL is not included, so
# DATABASE_URL is required. deploy/image/image.image.test.ts runs these lines.

FROM node:22-bookworm-slim AS build
WORKDIR /app
# Only a change of the dependencies installs them again.
COPY package.json package-lock.json .npmrc ./
COPY patches patches
COPY server/process/check-node.mjs server/process/check-node.mjs
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
RUN npx tsx scripts/copy-runtime.ts /runtime

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 WORKER_HOST=0.0.0.0 WORKER_PORT=3001 \
    COLLECT_HOST=0.0.0.0 COLLECT_PROBE_HOST=0.0.0.0 COLLECT_PROBE_PORT=3002 DATA_DIR=/data
WORKDIR /app
COPY --from=build /runtime ./
# A new volume has the owner of this folder. Only it and /tmp have to be writable.
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 3000 3001 3002
# The probe of liveness of the web, worker or collect process. It does not depend on PostgreSQL.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "server/process/healthcheck.mjs"]
ENTRYPOINT ["node", "server/process/run.mjs"]
CMD ["web"]
