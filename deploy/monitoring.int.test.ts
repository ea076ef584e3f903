import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { collectMetricsText } from "@/server/collect/metrics";
import type { Context } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import { insertAccessLogs } from "@/server/services/intake";
import { collectReadings, writeCounts } from "@/server/services/metrics";
import { prometheusText, workerMetricsText } from "@/server/services/prometheus";
import { setUpContext } from "@/server/testing/context";

const run = promisify(execFile);
const PROMTOOL = "/usr/bin/promtool";
/** .ci/run installs promtool. */
const withPromtool = test.runIf(existsSync(PROMTOOL));

const rulesFile = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const dashboardFile = z.object({
  uid: z.string().min(1),
  title: z.string().min(1),
  schemaVersion: z.number(),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.enum(["row", "stat", "timeseries"]),
      title: z.string().min(1),
      gridPos: z.object({ h: z.int().min(1), w: z.int().min(1).max(24), x: z.int().max(23), y: z.int() }),
      targets: z.array(z.object({ refId: z.string(), expr: z.string() })).default([]),
    }),
  ),
});

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});
let scrape: string;
let expressions: string[];
let dashboard: z.infer<typeof dashboardFile>;

beforeAll(async () => {
  await insertAccessLogs(ctx, [{ ip_address: "203.0.113.7", request_path: "/a" }]);
  recordDuration("rest", "GET /{table}", 0.3);
  recordDuration("job", "export", 42);
  await collectReadings(ctx, true);
  await writeCounts(ctx);
  const queues = new Map([["access_logs", { batches: 1, idleSeconds: 1 }]] as const);
  const worker = await workerMetricsText({ isActive: true, isHung: false, heartbeatAgeSeconds: 1, queues });
  const collector = await collectMetricsText({
    listeners: { tcp: true, tls: undefined },
    connections: { open: 1, accepted: 1, refused: { network: 0, limit: 0, address_limit: 0 }, incomplete: 0 },
    stream: {
      received: 1,
      stored: { inserted: 1, duplicates: 0, rejected: 0, dropped: 0, queued: 0 },
      unstored: 0,
      lost: 0,
      failingSince: undefined,
    },
  });
  scrape = (await prometheusText(ctx)).text + worker.text + collector.text;
  const rules = rulesFile.parse(parse(await readFile("deploy/prometheus/rules.yaml", "utf8")));
  dashboard = dashboardFile.parse(JSON.parse(await readFile("deploy/grafana/dashboard.json", "utf8")));
  expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
});

/** The names of the series in a scrape. */
function seriesNames(): Set<string> {
  return new Set(scrape.split("\n").flatMap((line) => (/^# TYPE (\S+) (\S+)$/.exec(line) ? typeNames(line) : [])));
}

function typeNames(line: string): string[] {
  const [, , name = "", kind] = line.split(" ");
  return kind === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

test("Every metric in the alerting rules and the dashboard exists in a scrape", () => {
  const used = expressions.flatMap((expr) => expr.match(/\bbatch_console_\w+/g) ?? []);
  expect(used.length).toBeGreaterThan(30);
  const known = seriesNames();
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test("Every label in the alerting rules and the dashboard exists in a scrape", () => {
  const used = expressions.flatMap((expr) =>
    [...expr.matchAll(/by \((.*?)\)/g)].flatMap(([, names = ""]) => names.split(", ")),
  );
  const known = new Set([
    "rule",
    "subject",
    "severity",
    ...[...scrape.matchAll(/[{,](\w+)="/g)].map(([, name]) => name),
  ]);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test("The panels of the dashboard have their own places and ids", () => {
  const places = dashboard.panels.map(({ gridPos }) => `${gridPos.x},${gridPos.y}`);
  expect(new Set(places).size).toBe(places.length);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(places.length);
});

withPromtool("Each alerting rule is valid, fires in its case and only then", async () => {
  await run(PROMTOOL, ["check", "rules", "deploy/prometheus/rules.yaml"]);
  await run(PROMTOOL, ["test", "rules", "deploy/prometheus/rules.test.yaml"]);
  const rules = rulesFile.parse(parse(await readFile("deploy/prometheus/rules.yaml", "utf8")));
  const tests = await readFile("deploy/prometheus/rules.test.yaml", "utf8");
  const names = rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
  expect(names.filter((name) => !tests.includes(`alertname: ${name} `) || !tests.includes(`"${name}",`))).toEqual([]);
});

withPromtool("The example configuration of Prometheus is valid", async () => {
  await run(PROMTOOL, ["check", "config", "--syntax-only", "deploy/prometheus/prometheus.yaml"]);
});

withPromtool("Prometheus parses the metrics and the dashboard's expressions", async () => {
  const child = spawn(PROMTOOL, ["check", "metrics"], { stdio: ["pipe", "ignore", "pipe"] });
  const output = text(child.stderr);
  child.stdin.end((await prometheusText(ctx)).text);
  const remarks = (await output)
    .split("\n")
    .filter((line) => line.startsWith("batch_console_") || line.includes("error"));
  expect(remarks).toEqual([]);

  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-rules-"));
  try {
    const rules = expressions.map((expr, index) => ({
      record: `expression:${index}`,
      expr: expr.replaceAll("$__rate_interval", "1m").replaceAll("$job", "batch-console"),
    }));
    await writeFile(`${folder}/rules.yaml`, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    await run(PROMTOOL, ["check", "rules", `${folder}/rules.yaml`]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
