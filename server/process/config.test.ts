import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, environment, loadConfig } from "./config";

test("without any variable, the defaults of the contract apply", () => {
  expect(loadConfig({})).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    shutdownSeconds: 20,
    worker: { port: undefined, host: "127.0.0.1" },
    appUrl: "http://127.0.0.1:3000",
    appSecret: undefined,
    adminEmail: "admin@localhost",
    databaseUrl: undefined,
    redisUrl: undefined,
    dataDir: expect.stringMatching(/\.data$/),
    timeZone: "Asia/Shanghai",
    batchSize: 500,
    maxBatchSize: 2000,
    cleanupBatchSize: 1000,
    defaultPageSize: 20,
    maxPageSize: 1000,
    exportChunkSize: 1000,
    maxExportRows: 100_000,
    maxExportRowsColumnar: 10_000_000,
    explore: { memoryBytes: 1e9, threads: expect.toSatisfy((threads) => threads >= 1), temporaryBytes: 10e9 },
    retentionDays: { access_logs: 90, user_activities: 180, exports: 7 },
    schedules: { data_cleanup: "0 2 * * *", export_files_cleanup: "0 3 * * *", health_check: "*/5 * * * *" },
    alerts: {
      queueLength: 10_000,
      failureRate: 0.05,
      diskUsage: 0.9,
      webhookUrl: undefined,
      webhookFormat: "generic",
      webhookAllowPrivate: false,
    },
  });
});

test.each([
  ["/var/files", "s3://BUCKET/PREFIX"],
  ["s3://", "s3://BUCKET/PREFIX"],
  ["s3://key:secret@bucket/files", "without credentials"],
  ["s3://bucket/files?acl=public", "no options but"],
  ["s3://bucket/100%", "encodes each literal %"],
  ["s3://bucket/files?endpoint=oss.example.com", "endpoint is an http:// or https:// URL"],
  ["s3://bucket/files?path_style=yes", "path_style=true or path_style=false"],
])("FILES_URL=%s is rejected without showing the value, which may contain a secret", (value, reason) => {
  expect(() => loadConfig({ FILES_URL: value })).toThrow(/^FILES_URL is \(hidden\), but must be /);
  expect(() => loadConfig({ FILES_URL: value })).toThrow(reason);
});

test("FILES_URL names a bucket, a prefix and a service", () => {
  const { filesUrl } = loadConfig({
    FILES_URL:
      "s3://logs/%E6%97%A5%E5%BF%97/a/?endpoint=https://oss.example.com:8443&region=cn-hangzhou&path_style=true",
  });
  expect(filesUrl).toEqual({
    bucket: "logs",
    prefix: "日志/a",
    endpoint: "https://oss.example.com:8443",
    region: "cn-hangzhou",
    pathStyle: true,
  });
});

test("an empty variable counts as unset", () => {
  expect(loadConfig({ PORT: "", REDIS_URL: "" })).toMatchObject({ port: 3000, redisUrl: undefined });
});

test.each([
  ["PORT", "70000"],
  ["PORT", "3e3"],
  ["BATCH_SIZE", "0"],
  ["BATCH_SIZE", "2001"],
  ["ALERT_FAILURE_RATE", "1.5"],
  ["EXPLORE_MEMORY", "1000000000"],
  ["EXPLORE_MEMORY", "100MB"],
  ["EXPLORE_THREADS", "0"],
  ["APP_TIMEZONE", "Mars/Base"],
  ["APP_TIMEZONE", "CST"],
  ["APP_TIMEZONE", "EST"],
  ["APP_TIMEZONE", "CET"],
  ["APP_TIMEZONE", "+08:00"],
  ["APP_TIMEZONE", "UTC+8"],
  ["APP_TIMEZONE", "EST5EDT"],
  ["LOG_LEVEL", "loud"],
  ["APP_URL", "logs.example.com"],
  ["APP_URL", "https://example.com/logs"],
  ["APP_URL", "https://example.com/?a=1"],
  ["TRUSTED_PROXIES", "proxy.example.com"],
  ["TRUSTED_PROXIES", "10.0.0.0/33"],
  ["TRUSTED_PROXIES", "10.0.0.0/"],
  ["TRUSTED_PROXIES", "10.0.0.0/8/8"],
  ["CLEANUP_SCHEDULE", "61 25 32 13 9"],
  ["CLEANUP_SCHEDULE", "*/0 * * * *"],
  ["CLEANUP_SCHEDULE", "0 2 * *"],
  ["CLEANUP_SCHEDULE", "30-10 * * * *"],
  ["CLEANUP_SCHEDULE", "0 2 0 * *"],
  ["CLEANUP_SCHEDULE", "0 2 31 2 *"],
  ["EXPORT_CLEANUP_SCHEDULE", "0 2 30,31 2 *"],
  ["HEALTH_CHECK_SCHEDULE", "*/5 * 31 4,6,9,11 *"],
])("%s=%s is rejected with one line that contains the variable and its value", (name, value) => {
  const message = refusal(name, value);
  expect(message).toContain(`${name} is "${value}", but must be `);
  expect(message).not.toContain("\n");
});

test.each([
  ["APP_SECRET", "s3cret"],
  ["ADMIN_PASSWORD", "s3cret"],
  ["DATABASE_URL", "mysql://u:s3cret@h/db"],
  ["DATABASE_URL", "postgres://u:s3cret%zz@h/db"],
  ["DATABASE_URL", "s3cret"],
  ["DATABASE_URL", "postgres://u:s3cret@h:99999/db"],
  ["DATABASE_URL", "postgres://u:12/s3cret@h/db"],
  ["DATABASE_URL", "postgres://u:12?s3cret@h/db"],
  ["DATABASE_URL", "postgres://u:12#s3cret@h/db"],
  ["DATABASE_URL", "postgres://u:p@h/s3cret@h/db"],
  ["DATABASE_URL", "postgres://u:s3cret@h/%zz"],
  ["DATABASE_URL", "postgres://u:s3cret@h/db?sslmode=on"],
  ["REDIS_URL", "redis://:12/s3cret@h"],
  ["REDIS_URL", "http://:s3cret@h"],
  ["REDIS_URL", "redis://:s3cret%zz@h"],
  ["REDIS_URL", "redis://:s3cret@h/abc"],
  ["REDIS_URL", "redis://h/99999999999"],
  ["REDIS_URL", "redis://h/?db=3"],
  ["REDIS_URL", "redis://h/?cluster=yes"],
  ["REDIS_URL", "redis://h/3?cluster=true"],
  ["REDIS_URL", "redis://h/?sentinel=a&cluster=true"],
  ["REDIS_URL", "redis://h/?sentinel="],
  ["REDIS_URL", "redis://h/?node=h2:6379"],
  ["REDIS_URL", "redis://h/?cluster=true&node=h2:99999"],
  ["REDIS_URL", "redis://h/?cluster=true&node=h2:x"],
  ["ALERT_WEBHOOK_URL", "ftp://h/s3cret"],
])("%s=%s is rejected with one line that contains the variable but not its value", (name, value) => {
  const message = refusal(name, value);
  expect(message).toContain(`${name} is (hidden), but must be `);
  expect(message).not.toMatch(/s3cret|\n/);
});

test.each([
  ["APP_URL", "https://logs.example.com/"],
  ["REDIS_URL", "redis://user:p%25zz@h:6380/3?sentinel=main&node=h2:26379"],
  ["DATABASE_URL", "postgresql://u:p%40%2F%3F%23%25@h:5433/db?sslmode=verify-full"],
  ["REDIS_URL", "rediss://h/?cluster=true"],
  ["CLEANUP_SCHEDULE", "0,30 1-5/2 1 */3 7"],
  ["CLEANUP_SCHEDULE", "0 2 29 2 *"],
  ["CLEANUP_SCHEDULE", "0 2 31 2 1"],
  ["APP_TIMEZONE", "PRC"],
  ["APP_TIMEZONE", "America/Argentina/Buenos_Aires"],
  ["TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1, 2001:db8::/32,::1"],
])("%s=%s is accepted", (name, value) => {
  expect(() => loadConfig({ [name]: value })).not.toThrow();
});

test.each([
  ["512MB", 512e6],
  ["2GB", 2e9],
  ["1.5 gb", 1.5e9],
  ["1GiB", 2 ** 30],
])("EXPLORE_MEMORY=%s is %d bytes", (text, bytes) => {
  expect(loadConfig({ EXPLORE_MEMORY: text }).explore.memoryBytes).toBe(bytes);
});

test("a trailing slash of APP_URL is removed", () => {
  expect(loadConfig({ APP_URL: "https://logs.example.com/" }).appUrl).toBe("https://logs.example.com");
});

function refusal(name: string, value: string): string {
  try {
    loadConfig({ [name]: value });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : "";
  }
  throw new Error(`${name}=${value} was accepted`);
}

test(".env.example lists every variable with its default, and nothing else", async () => {
  const { properties = {} } = z.toJSONSchema(environment, { io: "input" });
  const defaults = Object.entries(properties).map(([name, schema]) => [
    name,
    typeof schema === "object" ? (schema.default ?? "") : "",
  ]);
  expect(parseEnv(await readFile(".env.example", "utf8"))).toEqual(Object.fromEntries(defaults));
});

test.each(["README.md", "README.zh-CN.md"])("the table of variables in %s is complete", async (file) => {
  const text = await readFile(file, "utf8");
  const listed = [...text.matchAll(/^\| ((?:`[A-Z_]+`(?:, |、)?)+) \|/gm)].flatMap(([, names]) =>
    names?.match(/[A-Z_]+/g),
  );
  expect(listed.sort()).toEqual(Object.keys(environment.shape).sort());
});
