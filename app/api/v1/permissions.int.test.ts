import type { AnyRouter } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMMAND_LINE, provideContext } from "@/server/process/context";
import {
  createApiKey,
  createUser,
  disableUser,
  findUserId,
  handleAuth,
  isPermitted,
  NOT_BY_KEY,
  PERMISSIONS,
  type Permission,
  revokeApiKey,
} from "@/server/services/accounts";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { askRest } from "@/server/testing/rest";
import { createTrpcContext } from "@/server/trpc/init";
import { appRouter } from "@/server/trpc/root";
import * as openapi from "./batch-processing/openapi.json/route";
import { documentedPaths } from "./batch-processing/openapi.json/route-files";

const paths = await documentedPaths();

const ORIGIN = "http://127.0.0.1:3000";
const PASSWORD = "correct horse battery";
const ROLES = ["viewer", "auditor", "operator", "admin"] as const;

let test: TestContext;
const callers = new Map<string, Record<string, string>>([["nobody", {}]]);
let now = new Date("2026-01-01T00:00:00Z");

beforeAll(async () => {
  test = await createTestContext({ overrides: { now: () => now } });
  const ctx = test.context;
  provideContext(ctx);
  for (const role of ROLES) {
    callers.set(`a key of the role ${role}`, bearer(await createApiKey(ctx, { name: role, role })));
    await createUser(ctx, { email: `${role}@example.com`, password: PASSWORD, role });
    callers.set(`a user of the role ${role}`, await cookieOf(`${role}@example.com`));
  }
  const revoked = await createApiKey(ctx, { name: "revoked", role: "admin" });
  await revokeApiKey(ctx, revoked.id);
  callers.set("a revoked key", bearer(revoked));
  callers.set("an expired key", bearer(await createApiKey(ctx, { name: "expired", role: "admin", expires_days: 1 })));
  await createUser(ctx, { email: "disabled@example.com", password: PASSWORD, role: "admin" });
  callers.set("a disabled user", await cookieOf("disabled@example.com"));
  await disableUser(ctx, await findUserId(ctx, "disabled@example.com"), COMMAND_LINE);
  now = new Date(now.getTime() + 2 * 86_400_000);
});
afterAll(() => test.close());
/** The refusals of each test are recorded: their number in a minute is limited. */
beforeEach(() => {
  now = new Date(now.getTime() + 60_000);
});

const bearer = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });

async function cookieOf(email: string): Promise<Record<string, string>> {
  const request = new Request(`${ORIGIN}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ORIGIN },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const response = await handleAuth(test.context, request);
  return { cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "", origin: ORIGIN };
}

/** The status with which a caller is rejected; undefined if permitted. */
function stopped(caller: string, permission: Permission): 401 | 403 | undefined {
  const role = ROLES.find((one) => caller.endsWith(`of the role ${one}`));
  if (!role) return 401;
  const isKeyRefused = caller.includes("key") && NOT_BY_KEY.has(permission);
  return isPermitted(role, permission) && !isKeyRefused ? undefined : 403;
}

function expectAnswer(caller: string, permission: Permission, status: number): void {
  const expected = stopped(caller, permission);
  if (expected) expect(status, caller).toBe(expected);
  else expect([401, 403], caller).not.toContain(status);
}

/** Collectors send keys only; Splunk's answers 403 to those that are invalid. */
function expectCollected(caller: string, status: number): void {
  const isKey = caller.startsWith("a key of the role");
  if (isKey) expectAnswer(caller, "ingest", status);
  else expect([401, 403], caller).toContain(status);
}

/**
 * For procedures whose permission depends on their input: the audit log is read through the log browser's procedures.
 */
const CALLERS = [
  "nobody",
  "a revoked key",
  "an expired key",
  "a disabled user",
  ...ROLES.flatMap((role) => [`a key of the role ${role}`, `a user of the role ${role}`]),
];

interface ProcedureDefinition {
  readonly type: "query" | "mutation" | "subscription";
  readonly meta?: { readonly permission?: Permission; readonly audit?: string };
}

function procedures(router: AnyRouter): [string, ProcedureDefinition][] {
  const found: Record<string, { _def: ProcedureDefinition }> = router._def.procedures;
  return Object.entries(found).map(([path, { _def }]) => [path, _def]);
}

/** Calls with invalid input: permitted callers get a validation error, and nothing changes. */
async function call(path: string, type: ProcedureDefinition["type"], headers: Record<string, string>) {
  const input = encodeURIComponent(JSON.stringify({ nothing: "fits" }));
  const request =
    type === "mutation"
      ? new Request(`${ORIGIN}/api/trpc/${path}`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ nothing: "fits" }),
        })
      : new Request(`${ORIGIN}/api/trpc/${path}?input=${input}`, { headers });
  const response = await fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: () => createTrpcContext(request.headers),
  });
  await response.body?.cancel();
  return response.status;
}

describe("every procedure", () => {
  const all = procedures(appRouter);

  it("is found", () => {
    expect(all.length).toBeGreaterThan(40);
  });

  // A stream answers 200 and reports errors in its first event; see the tests in server/trpc.
  it.each(all.filter(([, { type }]) => type !== "subscription"))(
    "%s answers each caller according to the permission table",
    async (path, { type, meta }) => {
      const permission = meta?.permission;
      if (!permission) throw new Error(`${path} has no permission.`);
      expect(Object.keys(PERMISSIONS)).toContain(permission);
      for (const caller of CALLERS) expectAnswer(caller, permission, await call(path, type, callers.get(caller) ?? {}));
    },
  );

  it("that makes a change declares its audit action, except for a user's own views", () => {
    const silent = all.filter(([, { type, meta }]) => type === "mutation" && !meta?.audit).map(([path]) => path);
    expect(silent.sort()).toEqual(["logs.views.change", "logs.views.remove", "logs.views.save"]);
  });
});

describe("every path of the REST interface", () => {
  const documented = { ...paths, "/openapi.json": openapi };
  const operations = Object.entries(documented).flatMap(([template, { GET: handler }]) =>
    Object.entries(handler.endpoints).map(([method, endpoint]) => ({ template, method, endpoint })),
  );

  it.each(operations)("$method $template answers each caller according to the permission table", async (operation) => {
    const { template, method, endpoint } = operation;
    const permission = endpoint.description?.permission;
    if (!permission) throw new Error(`${method} ${template} has no permission.`);
    const path = template.replace("/{table}", "/access-logs").replace(/\{\w+\}/g, "x");
    for (const caller of CALLERS) {
      const { status } = await askRest(documented, {
        method,
        path,
        headers: callers.get(caller),
        query: "nothing=fits",
      });
      if (template.startsWith("/api/collect/")) expectCollected(caller, status);
      else expectAnswer(caller, permission, status);
    }
  });

  it("that makes a change declares its audit action, except for intake, previews and queries", () => {
    const silent = operations
      .filter(({ method, endpoint }) => method !== "GET" && !endpoint.description?.audit)
      .map(({ method, template }) => `${method} ${template}`);
    expect(silent.sort()).toEqual([
      "POST /api/collect/elasticsearch/_bulk",
      "POST /api/collect/elasticsearch/{path}",
      "POST /api/collect/loki/api/v1/push",
      "POST /api/collect/otlp/v1/logs",
      "POST /api/collect/splunk/services/collector",
      "POST /api/collect/splunk/services/collector/raw",
      "POST /dead-letters/replay/group/preview",
      "POST /export/preview",
      "POST /intake-rules/test",
      "POST /query",
      "POST /query/changes",
      "POST /queues/{name}/mapping/preview",
      "POST /retention-policies/preview",
      "POST /{table}",
      "PUT /api/collect/elasticsearch/_bulk",
      "PUT /api/collect/elasticsearch/{path}",
    ]);
  });
});

describe("the audit log", () => {
  it("can be read only by administrators and auditors, also through the log browser's procedures", async () => {
    const input = encodeURIComponent(JSON.stringify({ table: "audit_log" }));
    for (const caller of CALLERS) {
      const request = new Request(`${ORIGIN}/api/trpc/logs.page?input=${input}`, {
        headers: callers.get(caller) ?? {},
      });
      const { status } = await fetchRequestHandler({
        endpoint: "/api/trpc",
        req: request,
        router: appRouter,
        createContext: () => createTrpcContext(request.headers),
      });
      expect(status, caller).toBe(stopped(caller, "audit") ?? 200);
    }
  });

  it("records denied requests", async () => {
    const rows = await test.context.db.sql`
      select distinct actor_name, action, result from audit_log
      where result <> 'ok' and actor_name = 'viewer@example.com' and action in ('user.create', 'cleanup.start')
      order by action`;
    expect(rows).toEqual([
      { actor_name: "viewer@example.com", action: "cleanup.start", result: "refused" },
      { actor_name: "viewer@example.com", action: "user.create", result: "refused" },
    ]);
  });
});
