import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { auditDependencies } from "./audit";
import { findTools, installChdb, reportMissingTools } from "./tools";

/**
 * Entry point of `npm test`: runs the checks in parallel, then the other suites one after another, and prints a
 * summary.
 */

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Names of failed tests, or of a suite without a report that failed. */
  failures: string[];
}

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** Reads the counts from the suite's report. Without one, the suite counts as one test. */
  readonly report?: { file: string; read: (report: unknown) => Counts };
  readonly env?: Record<string, string>;
}

const started = Date.now();
const print = (text: string) => process.stdout.write(`[${((Date.now() - started) / 1000).toFixed(0)} s] ${text}\n`);

function readVitest(report: unknown): Counts {
  const counts = z
    .object({
      numPassedTests: z.number(),
      numFailedTests: z.number(),
      numPendingTests: z.number(),
      numTodoTests: z.number(),
      success: z.boolean(),
      testResults: z.array(
        z.object({
          name: z.string(),
          status: z.string(),
          assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
        }),
      ),
    })
    .parse(report);
  const failures = counts.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((test) => test.status === "failed").map((test) => ` ${test.fullName}`);
    // A file that fails to load has no tests that could fail.
    const names = file.status === "failed" && failed.length === 0 ? [""] : failed;
    return names.map((name) => `${path.relative(process.cwd(), file.name)}${name}`);
  });
  const failed = counts.success ? 0 : Math.max(1, counts.numFailedTests);
  return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests + counts.numTodoTests, failures };
}

interface PlaywrightSuite {
  specs: { title: string; file: string; ok: boolean }[];
  suites?: PlaywrightSuite[] | undefined;
}

const playwrightSuite: z.ZodType<PlaywrightSuite> = z.lazy(() =>
  z.object({
    specs: z.array(z.object({ title: z.string(), file: z.string(), ok: z.boolean() })),
    suites: z.array(playwrightSuite).optional(),
  }),
);

function failedSpecs(suite: PlaywrightSuite): string[] {
  const own = suite.specs.filter((spec) => !spec.ok).map((spec) => `${spec.file} ${spec.title}`);
  return [...own, ...(suite.suites ?? []).flatMap(failedSpecs)];
}

function readPlaywright(report: unknown): Counts {
  const { stats, errors, suites } = z
    .object({
      stats: z.object({
        expected: z.number(),
        unexpected: z.number(),
        flaky: z.number(),
        skipped: z.number(),
      }),
      errors: z.array(z.unknown()),
      suites: z.array(playwrightSuite),
    })
    .parse(report);
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
    failures: suites.flatMap(failedSpecs),
  };
}

const check = (name: string): Suite => ({ name, command: ["npm", "run", "-s", name] });
/** Each uses a single core. */
const CHECKS = ["lint", "knip"].map(check);
const TYPES = check("types");
/** Before the tests, so that they start processes as in production. */
const BUILD = check("build");

const CHAOS_SEED = "101";

function suites(folder: string, tools: Record<string, string>): Suite[] {
  const vitestReport = path.join(folder, "vitest.json");
  const playwrightReport = path.join(folder, "playwright.json");
  return [
    {
      name: "unit and integration tests",
      command: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${vitestReport}`],
      report: { file: vitestReport, read: readVitest },
    },
    // Runs the build under kills, freezes and full disks, with a fixed seed.
    { name: "chaos run", command: ["npm", "run", "-s", "chaos", "--", "short", CHAOS_SEED] },
    { name: "rolling restart", command: ["npm", "run", "-s", "chaos", "--", "rolling-short"] },
    {
      name: "browser tests",
      command: ["playwright", "test", "--reporter=list,json"],
      report: { file: playwrightReport, read: readPlaywright },
      env: { ...tools, PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport },
    },
  ];
}

/** @param output whether to print output as it arrives or all at the end, for suites that run in parallel */
function run(suite: Suite, output: "live" | "whole"): Promise<boolean> {
  const [command = "", ...args] = suite.command;
  return new Promise((resolve) => {
    const stdio = output === "live" ? "inherit" : "pipe";
    const child = spawn(command, args, { stdio, env: { ...process.env, ...suite.env } });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", () => resolve(false));
    child.once("close", (code) => {
      process.stdout.write(Buffer.concat(chunks));
      resolve(code === 0);
    });
  });
}

async function count(suite: Suite, output: "live" | "whole"): Promise<Counts> {
  print(`${suite.name} …`);
  const ok = await run(suite, output);
  const bare = { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, failures: [] };
  const counts = suite.report ? await readReport(suite.report, ok) : bare;
  if (counts.failed > 0 && counts.failures.length === 0) counts.failures.push(suite.name);
  print(`${suite.name}: ${counts.failed === 0 ? "passed" : "FAILED"}`);
  return counts;
}

/** Checks production dependencies for known vulnerabilities. Reported as skipped if the registry is unreachable. */
async function countAudit(): Promise<Counts> {
  print("audit of the dependencies …");
  const result = await auditDependencies();
  switch (result.kind) {
    case "clean":
      print("audit of the dependencies: passed");
      return { passed: 1, failed: 0, skipped: 0, failures: [] };
    case "found":
      print(`audit of the dependencies: FAILED\n${result.findings.map((finding) => `  ${finding}`).join("\n")}`);
      return { passed: 0, failed: 1, skipped: 0, failures: ["audit of the dependencies"] };
    case "unanswered":
      print(`audit of the dependencies: SKIPPED, npm audit could not reach the registry (${result.why})`);
      return { passed: 0, failed: 0, skipped: 1, failures: [] };
  }
}

async function readReport(report: NonNullable<Suite["report"]>, ok: boolean): Promise<Counts> {
  try {
    const counts = report.read(JSON.parse(await readFile(report.file, "utf8")));
    return { ...counts, failed: ok ? counts.failed : Math.max(1, counts.failed) };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: [] };
  }
}

async function main(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-test-"));
  const sum: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  try {
    print("looking for redis-server, PgBouncer and a Chromium …");
    const tools = await findTools();
    await reportMissingTools();
    const add = (counts: Counts) => {
      sum.passed += counts.passed;
      sum.failed += counts.failed;
      sum.skipped += counts.skipped;
      sum.failures.push(...counts.failures);
    };
    const chdb = installChdb();
    const types = count(TYPES, "whole");
    const checks = CHECKS.map((suite) => count(suite, "whole"));
    for (const counts of await Promise.all([countAudit(), ...checks])) add(counts);
    await chdb;
    if (process.env.CHECK_IMAGE !== "true") {
      print("the container image is not checked: set CHECK_IMAGE=true as root, with debootstrap, as .ci/run does");
    }
    // By now, the check of types has read all files, also those that the build writes.
    for (const counts of await Promise.all([types, count(BUILD, "whole")])) add(counts);
    for (const suite of suites(folder, tools)) add(await count(suite, "live"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  for (const failure of sum.failures) print(`failed: ${failure}`);
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
  return sum.failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
