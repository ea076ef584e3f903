import { spawnSync } from "node:child_process";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentedPaths } from "@/app/api/v1/batch-processing/openapi.json/route-files";
import { AppError } from "@/server/lib/errors";
import { type Context, provideContext } from "@/server/process/context";
import { createApiKey, createUser, handleAuth } from "@/server/services/accounts";
import { addWebhook, testWebhook } from "@/server/services/alerts";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { askRest } from "@/server/testing/rest";
import { redaction } from "./logger";

const paths = await documentedPaths();

const PASSWORD = "a-password-to-look-for";
const HOOK = "hook-path-to-look-for";
const SECRET = "SEC-signing-secret-to-look-for";

let opened: TestContext;
let ctx: Context;
let logged = "";

beforeAll(async () => {
  const write = (line: string) => {
    logged += line;
  };
  const log = pino({ level: "trace", ...redaction }, { write });
  opened = await createTestContext({ overrides: { log } });
  ctx = opened.context;
  provideContext(ctx);
});
afterAll(() => opened?.close());

test("The log contains no password, key, cookie or webhook at any level", async () => {
  const origin = "http://127.0.0.1:3000";
  const headers = { "content-type": "application/json", origin, "x-forwarded-for": "198.51.100.7" };
  const signIn = async (password: string) => {
    const body = JSON.stringify({ email: "a@example.com", password });
    return await handleAuth(ctx, new Request(`${origin}/api/auth/sign-in/email`, { method: "POST", headers, body }));
  };
  await createUser(ctx, { email: "a@example.com", password: PASSWORD, role: "admin" });
  expect((await signIn(`${PASSWORD}x`)).status).toBe(401);
  const signedIn = await signIn(PASSWORD);
  expect(signedIn.status).toBe(200);
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  const { key } = await createApiKey(ctx, { name: "program", role: "admin" });
  const request = (more: Record<string, string>, path: string, body?: string) =>
    askRest(paths, { method: body ? "POST" : "GET", path, body, headers: { ...headers, ...more } });
  expect((await request({ cookie }, "/jobs")).status).toBe(200);
  expect((await request({ authorization: `Bearer ${key}` }, "/jobs")).status).toBe(200);
  expect((await request({ authorization: `Bearer ${key}x` }, "/jobs")).status).toBe(401);
  expect((await request({ authorization: `Bearer ${key}` }, "/export", "{")).status).toBe(400);
  const admin = { kind: "user", id: "a", name: "a@example.com", role: "admin" } as const;
  const hook = {
    name: "Team",
    url: `https://hooks.invalid/${HOOK}`,
    format: "dingtalk",
    secret: SECRET,
    locale: "en",
  } as const;
  const { id } = await addWebhook(ctx, hook, admin);
  await testWebhook(ctx, id, admin).catch(() => {});
  ctx.log.error(
    { password: PASSWORD, headers: { cookie, authorization: key }, request: { headers: { cookie } } },
    "logged",
  );

  expect(logged).toContain("sign-in refused");
  const databasePassword = new URL(ctx.db.url).password;
  const secrets = [
    PASSWORD,
    key,
    cookie.split("=")[1] ?? "",
    HOOK,
    SECRET,
    ...(databasePassword ? [databasePassword] : []),
  ];
  expect(secrets.filter((secret) => logged.includes(secret) || logged.includes(decodeURIComponent(secret)))).toEqual(
    [],
  );
});

test("The log of a failed query contains the reason, but neither its text nor its parameters", async () => {
  const before = logged.length;
  const failure: unknown = await ctx.db.orm.execute(sql`select ${SECRET}::text from nowhere`).catch((error) => error);
  expect(String(failure)).toContain(SECRET);
  const wrapped = new AppError("server.internal", {}, { cause: new Error("saving", { cause: failure }) });
  for (const err of [failure, wrapped, new AggregateError([], "several", { cause: failure })])
    ctx.log.error({ err }, "x");
  const lines = logged.slice(before);
  expect(lines.match(/relation \\"nowhere\\" does not exist/g)?.length).toBeGreaterThanOrEqual(3);
  expect(lines).toContain("42P01");
  expect(lines).not.toContain(SECRET);
  expect(lines).not.toContain("from nowhere");
});

test("A caller cannot create log lines", async () => {
  const before = logged.length;
  const forged = 'x\r\n{"level":60,"msg":"forged"}\u2028';
  const headers = { "x-request-id": encodeURIComponent(forged), "content-type": "application/json" };
  await askRest(paths, { method: "GET", path: "/jobs", query: `kind=${encodeURIComponent(forged)}`, headers });
  ctx.log.info({ path: forged }, forged);
  const lines = logged
    .slice(before)
    .trim()
    .split(/[\r\n]+/);
  for (const line of lines) expect(JSON.parse(line)).not.toMatchObject({ msg: "forged" });
});

test("A caller can neither create lines nor send control sequences on a terminal", () => {
  const text = "x\r\n12:00:00 ERROR: forged\u001b[2J\u009b2J\u2028";
  const script = `
    import { createLogger } from "./server/process/logger.ts";
    createLogger({ logLevel: "info" }, "cli").info({ path: "x\\r\\n12:00:00\\u001b[2J" }, ${JSON.stringify(text)});`;
  const { stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(stderr).toContain("forged");
  expect(stderr).not.toMatch(/^12:00:00/m);
  expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028]/u);
});
