import type { AnyRouter } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMAND_LINE, provideContext } from "@/server/process/context";
import {
  createApiKey,
  createUser,
  disableUser,
  findUserId,
  handleAuth,
  isPermitted,
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
const ROLES = ["viewer", "operator", "admin"] as const;

let test: TestContext;
const askers = new Map<string, Record<string, string>>([["nobody", {}]]);
let now = new Date("2026-01-01T00:00:00Z");

beforeAll(async () => {
  test = await createTestContext({ overrides: { now: () => now } });
  const ctx = test.context;
  provideContext(ctx);
  for (const role of ROLES) {
    askers.set(`a key of the role ${role}`, bearer(await createApiKey(ctx, { name: role, role })));
    await createUser(ctx, { email: `${role}@example.com`, password: PASSWORD, role });
    askers.set(`a user of the role ${role}`, await cookieOf(`${role}@example.com`));
  }
  const revoked = await createApiKey(ctx, { name: "revoked", role: "admin" });
  await revokeApiKey(ctx, revoked.id);
  askers.set("a revoked key", bearer(revoked));
  askers.set("an expired key", bearer(await createApiKey(ctx, { name: "expired", role: "admin", expiresDays: 1 })));
  await createUser(ctx, { email: "disabled@example.com", password: PASSWORD, role: "admin" });
  askers.set("a disabled user", await cookieOf("disabled@example.com"));
  await disableUser(ctx, await findUserId(ctx, "disabled@example.com"), COMMAND_LINE);
  now = new Date(now.getTime() + 2 * 86_400_000);
});
afterAll(() => test.close());

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

/** The status that an asker gets where they are stopped; undefined where they get further. */
function stopped(asker: string, permission: Permission): 401 | 403 | undefined {
  const role = ROLES.find((one) => asker.endsWith(`of the role ${one}`));
  if (!role) return 401;
  const isKeyAtUsers = asker.includes("key") && (permission === "users" || permission === "api-keys");
  return isPermitted(role, permission) && !isKeyAtUsers ? undefined : 403;
}

function expectAnswer(asker: string, permission: Permission, status: number): void {
  const expected = stopped(asker, permission);
  if (expected) expect(status, asker).toBe(expected);
  else expect([401, 403], asker).not.toContain(status);
}

/** Of what no permission but that of its input says: the audit record is read through the log browser's. */
const ASKERS = [
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

/** A call whose input fits nothing: who may gets told that, and nothing happens. */
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

  // A stream answers 200 and tells in its first event: server/trpc has tests of its own for them.
  it.each(all.filter(([, { type }]) => type !== "subscription"))(
    "%s answers each asker by the table of permissions",
    async (path, { type, meta }) => {
      const permission = meta?.permission;
      if (!permission) throw new Error(`${path} has no permission.`);
      expect(Object.keys(PERMISSIONS)).toContain(permission);
      for (const asker of ASKERS) expectAnswer(asker, permission, await call(path, type, askers.get(asker) ?? {}));
    },
  );

  it("that changes something says what it is in the audit record, but for a person's own views", () => {
    const silent = all.filter(([, { type, meta }]) => type === "mutation" && !meta?.audit).map(([path]) => path);
    expect(silent.sort()).toEqual(["logs.views.remove", "logs.views.save"]);
  });
});

describe("every path of the REST interface", () => {
  const documented = { ...paths, "/openapi.json": openapi };
  const operations = Object.entries(documented).flatMap(([template, { GET: handler }]) =>
    Object.entries(handler.endpoints).map(([method, endpoint]) => ({ template, method, endpoint })),
  );

  it.each(operations)("$method $template answers each asker by the table of permissions", async (operation) => {
    const { template, method, endpoint } = operation;
    const permission = endpoint.description?.permission;
    if (!permission) throw new Error(`${method} ${template} has no permission.`);
    const path = template.replace("/{table}", "/access-logs").replace(/\{\w+\}/g, "x");
    for (const asker of ASKERS) {
      const { status } = await askRest(documented, { method, path, headers: askers.get(asker), query: "nothing=fits" });
      expectAnswer(asker, permission, status);
    }
  });

  it("that changes something says what it is in the audit record, but for intake and previews", () => {
    const silent = operations
      .filter(({ method, endpoint }) => method !== "GET" && !endpoint.description?.audit)
      .map(({ method, template }) => `${method} ${template}`);
    expect(silent.sort()).toEqual(["POST /export/preview", "POST /{table}"]);
  });
});

describe("the audit record", () => {
  it("is read by administrators only, through the log browser's procedures too", async () => {
    const input = encodeURIComponent(JSON.stringify({ table: "audit_log" }));
    for (const asker of ASKERS) {
      const request = new Request(`${ORIGIN}/api/trpc/logs.page?input=${input}`, { headers: askers.get(asker) ?? {} });
      const { status } = await fetchRequestHandler({
        endpoint: "/api/trpc",
        req: request,
        router: appRouter,
        createContext: () => createTrpcContext(request.headers),
      });
      expect(status, asker).toBe(stopped(asker, "audit") ?? 200);
    }
  });

  it("tells who was refused what", async () => {
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
