import { spawn } from "node:child_process";
import { z } from "zod";

/** The result of `npm audit` for production dependencies in the lock file. */
export type AuditResult =
  | { readonly kind: "clean" }
  | { readonly kind: "found"; readonly findings: readonly string[] }
  | { readonly kind: "unanswered"; readonly why: string };

const report = z.object({
  vulnerabilities: z.record(z.string(), z.object({ name: z.string(), severity: z.string(), range: z.string() })),
});
const failure = z.object({ message: z.string() });

const TIMEOUT_MS = 60_000;

/** Audits the versions in package-lock.json with the configured npm registry. */
export async function auditDependencies(): Promise<AuditResult> {
  return readAudit(await runAudit());
}

/** @param text the output of `npm audit --json` */
export function readAudit(text: string): AuditResult {
  const answer = parse(text);
  const read = report.safeParse(answer);
  if (!read.success) {
    const why = failure.safeParse(answer).data?.message ?? "no answer";
    return { kind: "unanswered", why: why.split("\n")[0] ?? why };
  }
  const findings = Object.values(read.data.vulnerabilities)
    .filter(({ severity }) => severity === "high" || severity === "critical")
    .map(({ name, severity, range }) => `${name} ${range}: ${severity}`);
  return findings.length > 0 ? { kind: "found", findings } : { kind: "clean" };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function runAudit(): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn("npm", ["audit", "--omit=dev", "--json", "--package-lock-only"], {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: TIMEOUT_MS,
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    child.once("error", () => resolve(""));
    child.once("close", () => resolve(text));
  });
}
