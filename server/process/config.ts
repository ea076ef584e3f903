import { availableParallelism } from "node:os";
import path from "node:path";
import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { WEBHOOK_FORMATS } from "@/server/catalog/webhook-formats";
import { DEFAULT_POOLS } from "@/server/db/pool-sizes";
import {
  addressList,
  byteSize,
  clickhouseUrl,
  cron,
  databaseUrl,
  filesUrl,
  flag,
  optionalNumber,
  optionalPort,
  origin,
  ratio,
  redisUrl,
  timeZone,
  url,
  wholeNumber,
} from "./config-fields";

/**
 * The only reader of process.env. Defaults come from the specification or the contract. An invalid value prevents the
 * start with one line that contains the variable, the value and what is allowed.
 */

/** Loopback and the addresses of private networks. */
const PRIVATE_NETWORKS = "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10";

/** The environment variables. A test compares them with .env.example and the tables in both READMEs. */
export const environment = z.object({
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "fatal, error, warn, info, debug, trace or silent",
    })
    .default("info"),
  PORT: wholeNumber(0, 65535, 3000),
  HOST: z.string().min(1, "a host name or address").default("127.0.0.1"),
  SHUTDOWN_SECONDS: wholeNumber(1, 3600, 20),
  WORKER_PORT: optionalPort,
  WORKER_HOST: z.string().min(1, "a host name or address").default("127.0.0.1"),
  COLLECT_PORT: optionalPort,
  COLLECT_TLS_PORT: optionalPort,
  COLLECT_HOST: z.string().min(1, "a host name or address").default("127.0.0.1"),
  COLLECT_TLS_CERT: z.string().min(1, "a file").optional(),
  COLLECT_TLS_KEY: z.string().min(1, "a file").optional(),
  COLLECT_TLS_CLIENT_CA: z.string().min(1, "a file").optional(),
  COLLECT_TABLE: z
    .enum(["auto", ...LOG_TABLE_NAMES], { error: `auto, ${LOG_TABLE_NAMES.join(" or ")}` })
    .default("auto"),
  COLLECT_MAP: z.string().max(8_192, "at most 8192 characters").optional(),
  COLLECT_ALLOW: addressList(PRIVATE_NETWORKS),
  COLLECT_MAX_CONNECTIONS: wholeNumber(1, 100_000, 1_000),
  COLLECT_MAX_MESSAGE: wholeNumber(480, 262_144, 65_536),
  COLLECT_PROBE_PORT: optionalPort,
  COLLECT_PROBE_HOST: z.string().min(1, "a host name or address").default("127.0.0.1"),
  APP_URL: origin.optional(),
  TRUSTED_PROXIES: addressList(),
  APP_SECRET: z.string().min(32, "at least 32 characters").optional(),
  ADMIN_EMAIL: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, "an email address")
    .default("admin@localhost"),
  ADMIN_PASSWORD: z.string().min(12, "at least 12 characters").max(128, "at most 128 characters").optional(),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_DIRECT_URL: databaseUrl.optional(),
  DATABASE_POOL_SIZE: wholeNumber(1, 100, DEFAULT_POOLS.general),
  DATABASE_READ_POOL_SIZE: wholeNumber(1, 100, DEFAULT_POOLS.reads),
  DATABASE_INTAKE_POOL_SIZE: wholeNumber(1, 100, DEFAULT_POOLS.intake),
  REDIS_URL: redisUrl.optional(),
  DATA_DIR: z.string().min(1, "a folder").default(".data"),
  FILES_URL: filesUrl.optional(),
  FILES_PRESIGN: flag(false),
  GEOLOCATION: flag(false),
  GEOLOCATION_DIR: z.string().min(1, "a folder").optional(),
  APP_TIMEZONE: timeZone("Asia/Shanghai"),
  BATCH_SIZE: wholeNumber(1, 10_000, 500),
  MAX_BATCH_SIZE: wholeNumber(1, 10_000, 2000),
  CLEANUP_BATCH_SIZE: wholeNumber(1, 100_000, 1000),
  DEFAULT_PAGE_SIZE: wholeNumber(1, 1000, 20),
  MAX_PAGE_SIZE: wholeNumber(1, 10_000, 1000),
  EXPORT_CHUNK_SIZE: wholeNumber(1, 100_000, 1000),
  MAX_EXPORT_ROWS: wholeNumber(1, 1_000_000_000, 100_000),
  MAX_EXPORT_ROWS_COLUMNAR: wholeNumber(1, 1_000_000_000, 10_000_000),
  EXPLORE_URL: clickhouseUrl.optional(),
  EXPLORE_MEMORY: byteSize(512, "1GB"),
  EXPLORE_THREADS: optionalNumber(1, 256),
  EXPLORE_TEMPORARY_SPACE: byteSize(100, "10GB"),
  EXPLORE_CACHE: byteSize(100, "10GB"),
  ACCESS_LOGS_RETENTION_DAYS: wholeNumber(0, 3650, 90),
  USER_ACTIVITIES_RETENTION_DAYS: wholeNumber(0, 3650, 180),
  EXPORT_FILES_RETENTION_DAYS: wholeNumber(0, 3650, 7),
  ARCHIVES_RETENTION_DAYS: wholeNumber(0, 36_500, 0),
  CLEANUP_SCHEDULE: cron("0 2 * * *"),
  EXPORT_CLEANUP_SCHEDULE: cron("0 3 * * *"),
  HEALTH_CHECK_SCHEDULE: cron("*/5 * * * *"),
  ALERT_QUEUE_LENGTH: wholeNumber(0, 1_000_000_000, 10_000),
  ALERT_FAILURE_RATE: ratio(0.05),
  ALERT_DISK_USAGE: ratio(0.9),
  ALERT_WEBHOOK_URL: url("http", "https").optional(),
  ALERT_WEBHOOK_FORMAT: z
    .enum(WEBHOOK_FORMATS, { error: "generic, slack, dingtalk, feishu or wecom" })
    .default("generic"),
  ALERT_WEBHOOK_ALLOW_PRIVATE: flag(false),
  RATE_LIMIT_INTAKE: wholeNumber(0, 1_000_000_000, 12_000),
  RATE_LIMIT_EXPORTS: wholeNumber(0, 1_000_000_000, 60),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(0, 1_000_000, 256),
});

const SECRET_NAMES = new Set([
  "APP_SECRET",
  "ADMIN_PASSWORD",
  "DATABASE_URL",
  "DATABASE_DIRECT_URL",
  "REDIS_URL",
  "FILES_URL",
  "EXPLORE_URL",
  "ALERT_WEBHOOK_URL",
]);

/** An invalid environment variable. The message is the line shown to the user. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads and validates the environment. Empty strings count as unset.
 * @throws ConfigError for the first invalid value
 */
export function loadConfig(env: Record<string, string | undefined> = process.env) {
  const defined = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environment.safeParse(defined);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    const shown = SECRET_NAMES.has(name) ? "(hidden)" : JSON.stringify(defined[name]);
    throw new ConfigError(`${name} is ${shown}, but must be ${issue?.message}.`);
  }
  const e = parsed.data;
  const relations: [string, number, string, number][] = [
    ["BATCH_SIZE", e.BATCH_SIZE, "MAX_BATCH_SIZE", e.MAX_BATCH_SIZE],
    ["DEFAULT_PAGE_SIZE", e.DEFAULT_PAGE_SIZE, "MAX_PAGE_SIZE", e.MAX_PAGE_SIZE],
  ];
  for (const [small, smallValue, large, largeValue] of relations) {
    if (smallValue > largeValue) {
      throw new ConfigError(`${small} is "${smallValue}", but must be at most ${large} (${largeValue}).`);
    }
  }
  for (const name of ["COLLECT_TLS_CERT", "COLLECT_TLS_KEY"] as const) {
    if (e.COLLECT_TLS_PORT !== undefined && e[name] === undefined) {
      throw new ConfigError(`COLLECT_TLS_PORT is set, but ${name} is not.`);
    }
  }
  if (e.DATABASE_DIRECT_URL !== undefined && e.DATABASE_URL === undefined) {
    throw new ConfigError("DATABASE_DIRECT_URL is set, but DATABASE_URL is not.");
  }
  if (e.EXPLORE_URL !== undefined && e.FILES_URL === undefined) {
    throw new ConfigError("EXPLORE_URL is set, but FILES_URL is not. ClickHouse reads segments from an object store.");
  }
  return {
    logLevel: e.LOG_LEVEL,
    port: e.PORT,
    host: e.HOST,
    /** How long a web process that stops waits for its requests. */
    shutdownSeconds: e.SHUTDOWN_SECONDS,
    /** Where a worker answers probes and reports metrics; port undefined: nowhere. */
    worker: { port: e.WORKER_PORT, host: e.WORKER_HOST },
    /** The syslog listeners; without a port, there is none. */
    collect: {
      port: e.COLLECT_PORT,
      tlsPort: e.COLLECT_TLS_PORT,
      host: e.COLLECT_HOST,
      /** Files. */
      tls: { cert: e.COLLECT_TLS_CERT, key: e.COLLECT_TLS_KEY, clientCa: e.COLLECT_TLS_CLIENT_CA },
      table: e.COLLECT_TABLE,
      map: e.COLLECT_MAP,
      allow: e.COLLECT_ALLOW,
      maxConnections: e.COLLECT_MAX_CONNECTIONS,
      maxMessageBytes: e.COLLECT_MAX_MESSAGE,
      probe: { port: e.COLLECT_PROBE_PORT, host: e.COLLECT_PROBE_HOST },
    },
    appUrl: e.APP_URL ?? `http://${e.HOST.includes(":") ? `[${e.HOST}]` : e.HOST}:${e.PORT}`,
    trustedProxies: e.TRUSTED_PROXIES,
    appSecret: e.APP_SECRET,
    adminEmail: e.ADMIN_EMAIL,
    adminPassword: e.ADMIN_PASSWORD,
    databaseUrl: e.DATABASE_URL,
    /** The URL of PostgreSQL itself if `databaseUrl` is that of a pooler. */
    databaseDirectUrl: e.DATABASE_DIRECT_URL,
    databasePools: {
      general: e.DATABASE_POOL_SIZE,
      reads: e.DATABASE_READ_POOL_SIZE,
      intake: e.DATABASE_INTAKE_POOL_SIZE,
    },
    redisUrl: e.REDIS_URL,
    dataDir: path.resolve(/* turbopackIgnore: true */ process.cwd(), e.DATA_DIR),
    /** The object store of exports, archives and segments; undefined: DATA_DIR. */
    filesUrl: e.FILES_URL,
    /** Whether downloads are redirected to URLs of the object store. */
    filesPresign: e.FILES_PRESIGN,
    /** The folder of ip2region's databases; undefined: geolocation is off. */
    geolocationDir: e.GEOLOCATION
      ? path.resolve(
          /* turbopackIgnore: true */ process.cwd(),
          e.GEOLOCATION_DIR ?? path.join(e.DATA_DIR, "geolocation"),
        )
      : undefined,
    timeZone: e.APP_TIMEZONE,
    batchSize: e.BATCH_SIZE,
    maxBatchSize: e.MAX_BATCH_SIZE,
    cleanupBatchSize: e.CLEANUP_BATCH_SIZE,
    defaultPageSize: e.DEFAULT_PAGE_SIZE,
    maxPageSize: e.MAX_PAGE_SIZE,
    exportChunkSize: e.EXPORT_CHUNK_SIZE,
    maxExportRows: e.MAX_EXPORT_ROWS,
    /** For NDJSON and Parquet. */
    maxExportRowsColumnar: e.MAX_EXPORT_ROWS_COLUMNAR,
    /** Limits of the process that runs DuckDB, and the ClickHouse server that runs queries of segments instead. */
    explore: {
      url: e.EXPLORE_URL,
      memoryBytes: e.EXPLORE_MEMORY,
      threads: e.EXPLORE_THREADS ?? Math.max(1, Math.floor(availableParallelism() / 2)),
      temporaryBytes: e.EXPLORE_TEMPORARY_SPACE,
      /** For copies of files of an object store, and of CSV archives. */
      cacheBytes: e.EXPLORE_CACHE,
    },
    retentionDays: {
      access_logs: e.ACCESS_LOGS_RETENTION_DAYS,
      user_activities: e.USER_ACTIVITIES_RETENTION_DAYS,
      exports: e.EXPORT_FILES_RETENTION_DAYS,
    },
    /** 0: archives never expire. */
    archivesRetentionDays: e.ARCHIVES_RETENTION_DAYS,
    schedules: {
      data_cleanup: e.CLEANUP_SCHEDULE,
      export_files_cleanup: e.EXPORT_CLEANUP_SCHEDULE,
      health_check: e.HEALTH_CHECK_SCHEDULE,
    },
    alerts: {
      queueLength: e.ALERT_QUEUE_LENGTH,
      failureRate: e.ALERT_FAILURE_RATE,
      diskUsage: e.ALERT_DISK_USAGE,
      webhookUrl: e.ALERT_WEBHOOK_URL,
      webhookFormat: e.ALERT_WEBHOOK_FORMAT,
      webhookAllowPrivate: e.ALERT_WEBHOOK_ALLOW_PRIVATE,
    },
    /** 0: no limit. */
    limits: {
      /** Requests per minute of one key or user, and of one IP address. */
      intake: e.RATE_LIMIT_INTAKE,
      exports: e.RATE_LIMIT_EXPORTS,
      connectionsPerAddress: e.MAX_CONNECTIONS_PER_ADDRESS,
    },
  };
}

export type Config = ReturnType<typeof loadConfig>;
