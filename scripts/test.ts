import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { auditDependencies } from "./audit";
import { findTools } from "./tools";

/** `npm test`: the checks beside each other, then everything else in turn, and one line with the sum at the end. */

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** Reads the counts out of the report the suite wrote; without one the suite counts as one test. */
  readonly report?: { file: string; read: (report: unknown) => Counts };
  readonly env?: Record<string, string>;
}

const started = Date.now();
const say = (text: string) => process.stdout.write(`[${((Date.now() - started) / 1000).toFixed(0)} s] ${text}\n`);

function readVitest(report: unknown): Counts {
  const counts = z
    .object({
      numPassedTests: z.number(),
      numFailedTests: z.number(),
      numPendingTests: z.number(),
      numTodoTests: z.number(),
      success: z.boolean(),
    })
    .parse(report);
  // A file that does not even load has no tests that could fail.
  const failed = counts.success ? 0 : Math.max(1, counts.numFailedTests);
  return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests + counts.numTodoTests };
}

function readPlaywright(report: unknown): Counts {
  const { stats, errors } = z
    .object({
      stats: z.object({
        expected: z.number(),
        unexpected: z.number(),
        flaky: z.number(),
        skipped: z.number(),
      }),
      errors: z.array(z.unknown()),
    })
    .parse(report);
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
  };
}

/** None of them takes two cores. */
const CHECKS: readonly Suite[] = ["types", "lint", "knip"].map((name) => ({
  name,
  command: ["npm", "run", "-s", name],
}));

const CHAOS_SEED = "101";

function suites(folder: string, tools: Record<string, string>): Suite[] {
  const vitestReport = path.join(folder, "vitest.json");
  const playwrightReport = path.join(folder, "playwright.json");
  return [
    // Before the tests, whose processes then start as they do in production.
    { name: "build", command: ["npm", "run", "-s", "build"] },
    {
      name: "unit and integration tests",
      command: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${vitestReport}`],
      report: { file: vitestReport, read: readVitest },
    },
    // The build under kills, freezes and full disks, always the same ones.
    { name: "chaos run", command: ["npm", "run", "-s", "chaos", "--", "short", CHAOS_SEED] },
    {
      name: "browser tests",
      command: ["playwright", "test", "--reporter=list,json"],
      report: { file: playwrightReport, read: readPlaywright },
      env: { ...tools, PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport },
    },
  ];
}

/** @param output whether it is shown as it comes, or as a whole at the end, when others run beside */
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
  say(`${suite.name} …`);
  const ok = await run(suite, output);
  const bare = { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  const counts = suite.report ? await readReport(suite.report, ok) : bare;
  say(`${suite.name}: ${counts.failed === 0 ? "passed" : "FAILED"}`);
  return counts;
}

/** Whether production would run packages that are known to be dangerous; skipped, and said so, where nobody answers. */
async function countAudit(): Promise<Counts> {
  say("audit of the dependencies …");
  const result = await auditDependencies();
  switch (result.kind) {
    case "clean":
      say("audit of the dependencies: passed");
      return { passed: 1, failed: 0, skipped: 0 };
    case "found":
      say(`audit of the dependencies: FAILED\n${result.findings.map((finding) => `  ${finding}`).join("\n")}`);
      return { passed: 0, failed: 1, skipped: 0 };
    case "unanswered":
      say(`audit of the dependencies: SKIPPED, the registry does not answer npm audit (${result.why})`);
      return { passed: 0, failed: 0, skipped: 1 };
  }
}

async function readReport(report: NonNullable<Suite["report"]>, ok: boolean): Promise<Counts> {
  try {
    const counts = report.read(JSON.parse(await readFile(report.file, "utf8")));
    return { ...counts, failed: ok ? counts.failed : Math.max(1, counts.failed) };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function main(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-test-"));
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    say("looking for redis-server and a Chromium …");
    const tools = await findTools();
    const add = (counts: Counts) => {
      sum.passed += counts.passed;
      sum.failed += counts.failed;
      sum.skipped += counts.skipped;
    };
    const checks = CHECKS.map((suite) => count(suite, "whole"));
    for (const counts of await Promise.all([countAudit(), ...checks])) add(counts);
    for (const suite of suites(folder, tools)) add(await count(suite, "live"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
