import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { freePort } from "@/server/process/free-port";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { buildImage, type Container, type Image } from "./container";
import { parseDockerfile, type Stage } from "./dockerfile";

/**
 * Without a container engine: the lines of the Dockerfile run in a fresh Debian (container.ts). `npm ci` and
 * `npm run build` are not repeated: .ci/run and `npm test` have run the same lines in this folder.
 */

const run = promisify(execFile);
const MB = 1_000_000;
const RUNTIME = "/runtime";
const EMAIL = "admin@example.com";
const PASSWORD = "correct horse battery";

let [builder, final]: Stage[] = [];
let runtime: string;
let image: Image;
let database: TestDatabase;
let port: number;
let workerPort: number;
const running: Container[] = [];

beforeAll(async () => {
  [builder, final] = parseDockerfile(await readFile("Dockerfile", "utf8"));
  runtime = await mkdtemp(path.join(tmpdir(), "batch-console-runtime-"));
  await chmod(runtime, 0o755);
  const copyLine = linesOf(builder, "RUN").at(-1) ?? "";
  await run("sh", ["-c", copyLine.replace(RUNTIME, runtime)]);
  if (!final) throw new Error("The Dockerfile has one stage.");
  image = await buildImage(final, { [RUNTIME]: runtime });
  database = await createTestDatabase({ bare: true });
  port = await freePort();
  workerPort = await freePort();
}, 400_000);

afterAll(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all(running.map(({ ended }) => ended));
  await image?.remove();
  await rm(runtime, { recursive: true, force: true });
  await database?.drop();
});

const linesOf = (stage: Stage | undefined, name: string) =>
  stage?.instructions.filter((instruction) => instruction.name === name).map(({ text }) => text) ?? [];

const settings = () => ({
  DATABASE_URL: database.url,
  APP_SECRET: "0123456789abcdef0123456789abcdef",
  PORT: String(port),
  HOST: "127.0.0.1",
  WORKER_PORT: String(workerPort),
  ADMIN_EMAIL: EMAIL,
  ADMIN_PASSWORD: PASSWORD,
  LOG_LEVEL: "warn",
});

function start(...args: string[]): Container {
  const container = image.start(args, settings());
  running.push(container);
  return container;
}

async function cli(...args: string[]): Promise<string> {
  const { output, ended } = start("cli", ...args);
  expect(await ended, output.stderr).toBe(0);
  return output.stdout.trim();
}

async function ask(target: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${target}`, init);
}

test("The build stage runs what .ci/run and npm test ran", async () => {
  const [install = "", build = "", copyLine = ""] = linesOf(builder, "RUN");
  expect(linesOf(builder, "RUN")).toHaveLength(3);
  expect(await readFile(".ci/run", "utf8")).toContain(`\n${install} `);
  expect(build).toBe("npm run build");
  expect(copyLine).toMatch(/ \/runtime$/);
});

test("The build context contains every source that the image needs", async () => {
  const ignored = await readFile(".dockerignore", "utf8");
  const sent = ignored.split("\n").flatMap((line) => (line.startsWith("!") ? line.slice(1) : []));
  const made = ["node_modules", ".next", "dist"];
  const names = await readdir(runtime);
  expect(names.filter((name) => !sent.includes(name) && !made.includes(name))).toEqual([]);
});

test("The image is smaller than 400 MB", () => {
  process.stdout.write(`image: ${(image.bytes / MB).toFixed(0)} MB\n`);
  expect(image.bytes).toBeLessThan(400 * MB);
});

test("Without DATABASE_URL, it ends with one line that names it", async () => {
  const { output, ended } = image.start(["web"], {});
  expect(await ended).toBe(1);
  expect(output.stderr).toMatch(/^No packaged PostgreSQL .* Set DATABASE_URL to a PostgreSQL 14 or newer\.\n$/);
});

test("With a read-only file system and without privileges, it migrates, stores, shows, exports and stops", async () => {
  await cli("migrate");
  const key = await cli("api-key", "create", "--name", "smoke", "--role", "operator");
  const web = start("web");
  const worker = start("worker");
  await expect
    .poll(
      () =>
        ask("/api/health/ready").then(
          (r) => r.status,
          () => 0,
        ),
      { timeout: 60_000 },
    )
    .toBe(200);
  const ofWeb = { ...settings(), WORKER_PORT: "1" };
  const ofWorker = { ...settings(), PORT: "1" };
  expect(await image.checkHealth(ofWeb)).toBe(0);
  expect(await image.checkHealth(ofWorker)).toBe(0);
  expect(await image.checkHealth({ ...ofWeb, ...ofWorker, WORKER_PORT: "1" })).toBe(1);

  const authorization = `Bearer ${key}`;
  const rest = "/api/v1/batch-processing";
  const event = { ip_address: "203.0.113.7", request_path: "/from-the-image", status_code: 200 };
  const headers = { authorization, "content-type": "application/json" };
  const sent = await ask(`${rest}/access-logs`, { method: "POST", headers, body: JSON.stringify([event]) });
  expect(sent.status, await sent.text()).toBe(202);
  const stored = async () => (await ask(`${rest}/access-logs?request_path=/from-the-image`, { headers })).text();
  await expect.poll(stored).toContain('"203.0.113.7"');

  for (const format of ["csv", "excel"]) {
    const body = JSON.stringify({ export_type: "access_logs", format });
    const exported = await ask(`${rest}/export`, { method: "POST", headers: { ...headers, prefer: "wait=60" }, body });
    const job = z.object({ status: z.literal("completed"), result: z.object({ download_url: z.string() }) });
    const file = await ask(job.parse(await exported.json()).result.download_url, { headers });
    expect(file.status).toBe(200);
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(50);
  }

  const signedIn = await ask("/api/auth/sign-in/email", {
    method: "POST",
    headers: { "content-type": "application/json", origin: `http://127.0.0.1:${port}` },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  expect(signedIn.status).toBe(200);
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const page = await ask("/queues", { headers: { cookie } });
  const html = await page.text();
  expect(page.status).toBe(200);
  const [asset = ""] = /\/_next\/static\/[^"]+\.js/.exec(html) ?? [];
  expect((await ask(asset)).status).toBe(200);

  for (const { child, ended, output } of [web, worker]) {
    child.kill("SIGTERM");
    expect(await ended, output.stderr).toBe(0);
    expect(output.stderr).toBe("");
    expect(output.stdout).not.toMatch(/EROFS|read-only|"level":(50|60)/);
  }
});
