import { beforeAll, describe, expect, it } from "vitest";
import { documentedPaths } from "@/app/api/v1/batch-processing/openapi.json/route-files";
import { COMMAND_LINE, type Context, type Principal, provideContext } from "@/server/process/context";
import { createApiKey, createUser, deleteUser } from "@/server/services/accounts";
import { setUpContext } from "@/server/testing/context";
import { askRest } from "@/server/testing/rest";
import { appRouter } from "./root";

const users: Record<string, Principal> = {};
let adminKey = "";
let viewerKey = "";
const paths = await documentedPaths();
const context = setUpContext(provideContext);

beforeAll(async () => {
  const ctx = context();
  await addUser(ctx, "anna", "viewer");
  await addUser(ctx, "ben", "viewer");
  await addUser(ctx, "admin", "admin");
  adminKey = (await createApiKey(ctx, { name: "provisioning", role: "admin" })).key;
  viewerKey = (await createApiKey(ctx, { name: "reader", role: "viewer" })).key;
});

async function addUser(ctx: Context, name: string, role: Principal["role"]): Promise<void> {
  const { id, email } = await createUser(ctx, {
    email: `${name}@example.com`,
    password: "correct horse battery",
    role,
  });
  users[name] = { kind: "user", id, name: email, role };
}

/** The router as a signed-in user of the interface. */
function as(name: string) {
  const principal = users[name];
  if (!principal) throw new Error(`There is no user ${name}.`);
  const headers = new Headers({ "sec-fetch-site": "same-origin" });
  return appRouter.createCaller({ app: context(), headers, principal: async () => principal });
}

const panel = {
  id: "a",
  title: "Requests by route",
  view: "bars" as const,
  ...{ x: 0, y: 0, w: 6, h: 4 },
  query: { table: "access_logs" as const, group_by: ["route"] },
};
const content = { range: { last: "24h" as const }, filter: "", panels: [panel] };

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return typeof cause === "object" && cause && "code" in cause ? String(cause.code) : String(error);
  }
}

describe("a dashboard", () => {
  const NOT_FOUND = "dashboard.not_found";
  it.each([
    { visibility: "private", user: "anna", view: "ok", edit: "ok", share: "ok", remove: "ok" },
    { visibility: "private", user: "ben", view: NOT_FOUND, edit: NOT_FOUND, share: NOT_FOUND, remove: NOT_FOUND },
    { visibility: "private", user: "admin", view: NOT_FOUND, edit: NOT_FOUND, share: NOT_FOUND, remove: NOT_FOUND },
    {
      visibility: "view",
      user: "ben",
      view: "ok",
      edit: "dashboard.read_only",
      share: "dashboard.read_only",
      remove: "dashboard.not_owner",
    },
    { visibility: "view", user: "admin", view: "ok", edit: "ok", share: "ok", remove: "ok" },
    {
      visibility: "edit",
      user: "ben",
      view: "ok",
      edit: "ok",
      share: "dashboard.not_owner",
      remove: "dashboard.not_owner",
    },
    { visibility: "edit", user: "admin", view: "ok", edit: "ok", share: "ok", remove: "ok" },
  ] as const)(
    "of anna, $visibility, gives $user exactly the shared rights",
    async ({ visibility, user, ...rights }) => {
      const { id, name } = await as("anna").dashboards.create({ name: "Traffic", visibility, content });
      const listed = (await as(user).dashboards.list()).find((one) => one.id === id);
      expect(listed !== undefined).toBe(rights.view === "ok");
      expect(listed?.can_edit ?? false).toBe(rights.edit === "ok");
      expect(listed?.can_manage ?? false).toBe(rights.remove === "ok");
      const change = { id, name, visibility, content };
      const other = visibility === "edit" ? "view" : "edit";
      expect(await codeOf(as(user).dashboards.get({ id }))).toBe(rights.view);
      expect(await codeOf(as(user).dashboards.save({ ...change, version: 1 }))).toBe(rights.edit);
      const version = rights.edit === "ok" ? 2 : 1;
      expect(await codeOf(as(user).dashboards.save({ ...change, visibility: other, version }))).toBe(rights.share);
      expect(await codeOf(as(user).dashboards.remove({ id }))).toBe(rights.remove);
    },
  );

  it.each([
    {
      admins: null,
      users: [{ email: "ben@example.com", access: "view" }],
      ben: "dashboard.read_only",
      admin: NOT_FOUND,
    },
    { admins: null, users: [{ email: "BEN@example.com", access: "edit" }], ben: "ok", admin: NOT_FOUND },
    { admins: "view", users: [], ben: NOT_FOUND, admin: "dashboard.read_only" },
    {
      admins: "edit",
      users: [{ email: "admin@example.com", access: "view" }],
      ben: NOT_FOUND,
      admin: "ok",
    },
  ] as const)("shared by name gives exactly these rights: %j", async ({ admins, users: named, ...rights }) => {
    const { id, name } = await as("anna").dashboards.create({ name: "Traffic", content });
    await as("anna").dashboards.share({ id, admins, users: [...named] });
    expect(await as("anna").dashboards.get({ id })).toMatchObject({ visibility: "private", is_shared: true });
    for (const user of ["ben", "admin"] as const) {
      const { version } = await as("anna").dashboards.get({ id });
      const change = { id, name, visibility: "private" as const, content, version };
      const listed = (await as(user).dashboards.list()).find((one) => one.id === id);
      expect(listed !== undefined).toBe(rights[user] !== NOT_FOUND);
      expect(await codeOf(as(user).dashboards.save(change))).toBe(rights[user]);
      for (const refused of [
        () => as(user).dashboards.share({ id, admins: "edit", users: [] }),
        () => as(user).dashboards.shares({ id }),
        () => as(user).dashboards.remove({ id }),
      ])
        expect(await codeOf(refused())).toBe(rights[user] === NOT_FOUND ? NOT_FOUND : "dashboard.not_owner");
    }
    expect(await as("anna").dashboards.shares({ id })).toEqual({
      admins,
      users: named.map(({ email, access }) => ({ email: email.toLowerCase(), access })),
    });
    await as("anna").dashboards.share({ id, admins: null, users: [] });
    for (const user of ["ben", "admin"]) expect(await codeOf(as(user).dashboards.get({ id }))).toBe(NOT_FOUND);
  });

  it("is shared with nobody if one of the names is unknown", async () => {
    const { id } = await as("anna").dashboards.create({ name: "Traffic", content });
    const share = as("anna").dashboards.share({
      id,
      admins: "edit",
      users: ["ben@example.com", "bne@example.com"].map((email) => ({ email, access: "view" as const })),
    });
    await expect(share).rejects.toThrow(/bne@example\.com/);
    expect(await as("anna").dashboards.shares({ id })).toEqual({ admins: null, users: [] });
  });

  it("that two people change at once loses neither change silently", async () => {
    const { id, version } = await as("anna").dashboards.create({ name: "Traffic", visibility: "edit", content });
    const change = { id, visibility: "edit" as const, content, version };
    const saved = await as("ben").dashboards.save({ ...change, name: "Ben's" });
    expect(saved).toMatchObject({ name: "Ben's", version: version + 1, updated_by: "ben@example.com" });
    await expect(as("anna").dashboards.save({ ...change, name: "Anna's" })).rejects.toThrow(/ben@example\.com/);
    expect(await as("anna").dashboards.get({ id })).toMatchObject({ name: "Ben's" });
  });

  it("of a deleted user is given another owner by an administrator", async () => {
    await addUser(context(), "carl", "operator");
    const { id } = await as("carl").dashboards.create({ name: "Carl's", content });
    await deleteUser(context(), users.carl?.id ?? "", COMMAND_LINE);
    expect(await codeOf(as("ben").dashboards.get({ id }))).toBe(NOT_FOUND);
    expect(await as("admin").dashboards.get({ id })).toMatchObject({ owner: null, can_manage: true });
    await as("admin").dashboards.changeOwner({ id, owner_id: users.ben?.id ?? "" });
    expect(await as("ben").dashboards.get({ id })).toMatchObject({ owner: "ben@example.com", is_own: true });
    expect(await codeOf(as("admin").dashboards.get({ id }))).toBe(NOT_FOUND);
  });

  it("with a panel that this version cannot read shows the other panels", async () => {
    const panels = [panel, { ...panel, id: "b" }];
    const { id } = await as("anna").dashboards.create({ name: "Old", content: { ...content, panels } });
    await context().db.sql`
      update dashboards set content = jsonb_set(content, '{panels,0,query,measures}', '[{"fn":"median"}]')
      where id = ${id}`;
    const read = await as("anna").dashboards.get({ id });
    expect(read.content.panels.map(({ query }) => query?.group_by)).toEqual([undefined, ["route"]]);
  });

  it("appears in the audit log when it is created, changed, given away and deleted, also when refused", async () => {
    const rows = await context().db.sql<{ action: string; result: string }[]>`
      select distinct action, result from audit_log where action like 'dashboard.%'`;
    expect(rows.map(({ action, result }) => `${action} ${result}`).sort()).toEqual([
      "dashboard.change ok",
      "dashboard.change refused",
      "dashboard.change-owner ok",
      "dashboard.create ok",
      "dashboard.delete ok",
      "dashboard.delete refused",
      "dashboard.share ok",
      "dashboard.share refused",
    ]);
  });
});

describe("an imported dashboard", () => {
  const post = (key: string, body: string) =>
    askRest(paths, {
      method: "POST",
      path: "/dashboards",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body,
    });
  const file = (change: object) => JSON.stringify({ name: "Imported", content: { ...content, ...change } });
  const many = (length: number, change: (index: number) => object) =>
    file({ panels: Array.from({ length }, (_, index) => ({ ...panel, id: `p${index}`, ...change(index) })) });

  it.each([
    ["is nested without end", `${"[".repeat(100_000)}`, 400],
    ["has unknown fields", JSON.stringify({ name: "x", content, owner_id: "1" }), 422],
    ["has unknown fields in a query", many(1, () => ({ query: { ...panel.query, sql: "select 1" } })), 422],
    [
      "has a function that does not exist",
      many(1, () => ({ query: { ...panel.query, measures: [{ fn: "exec" }] } })),
      422,
    ],
    ["has too many panels", many(41, () => ({})), 422],
    ["has one id twice", many(2, () => ({ id: "same" })), 422],
    ["has a panel outside the grid", many(1, () => ({ x: 10, w: 6 })), 422],
    ["has a panel far below", many(1, () => ({ y: 1e9 })), 422],
    [
      "has panels that are huge together",
      many(40, () => ({ query: { ...panel.query, filter: "x".repeat(9_000) } })),
      413,
    ],
    ["has a NUL character", file({}).replace("Imported", "a\\u0000b"), 422],
    ["has a NUL character in a filter", file({ filter: "a\u0000b" }), 422],
    ["has half of a character", file({ filter: "a\ud800b" }), 422],
    ["is larger than a request may be", file({ filter: "x".repeat(3_000_000) }), 413],
    ["has a prototype as a panel", file({ panels: [JSON.parse('{"__proto__":{"id":"a"}}')] }), 422],
  ])("that %s is refused", async (_, body, status) => {
    expect((await post(adminKey, body)).status).toBe(status);
  });

  it("is created, replaced and deleted by a key of an administrator, and not by another key", async () => {
    expect((await post(viewerKey, file({}))).status).toBe(403);
    const made = JSON.parse((await post(adminKey, file({}))).text);
    expect(made).toMatchObject({ owner: null, visibility: "private", version: 1, content });
    const ask = (method: string, key: string, body?: object) =>
      askRest(paths, {
        method,
        path: `/dashboards/${made.id}`,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: body && JSON.stringify(body),
      });
    const change = { name: "Shared", visibility: "view", content, version: 1 };
    expect((await ask("GET", viewerKey)).status).toBe(404);
    expect((await ask("PUT", adminKey, change)).status).toBe(200);
    expect((await ask("PUT", adminKey, change)).status).toBe(409);
    expect(JSON.parse((await ask("GET", viewerKey)).text)).toMatchObject({ name: "Shared", can_edit: false });
    expect((await ask("DELETE", viewerKey)).status).toBe(403);
    expect((await ask("DELETE", adminKey)).status).toBe(200);
  });
});

describe("a saved view", () => {
  const view = { table: "access_logs" as const, search: "status_code=5xx" };
  const namesOf = async (user: string) =>
    (await as(user).logs.views.list({ table: "access_logs" })).map(({ name, owner, can_change }) => ({
      ...{ name, owner, can_change },
    }));

  it("is private until it is shared, then everyone opens it, and only the owner and administrators change it", async () => {
    const { id } = await as("anna").logs.views.save({ ...view, name: "Failures" });
    expect(await namesOf("ben")).toEqual([]);
    expect(await namesOf("admin")).toEqual([]);
    expect(await codeOf(as("admin").logs.views.change({ id, is_shared: true }))).toBe("view.not_found");

    await as("anna").logs.views.change({ id, is_shared: true });
    const shared = { name: "Failures", owner: "anna@example.com" };
    expect(await namesOf("ben")).toEqual([{ ...shared, can_change: false }]);
    expect(await namesOf("admin")).toEqual([{ ...shared, can_change: true }]);
    expect(await codeOf(as("ben").logs.views.change({ id, name: "Mine" }))).toBe("view.not_found");
    expect(await codeOf(as("ben").logs.views.remove({ id }))).toBe("view.not_found");
    await as("admin").logs.views.change({ id, name: "Server errors" });
    expect(await namesOf("anna")).toEqual([{ name: "Server errors", owner: "anna@example.com", can_change: true }]);

    await as("anna").logs.views.save({ ...view, name: "Server errors", search: "status_code=503" });
    expect(await namesOf("ben")).toHaveLength(1);
    await as("anna").logs.views.save({ ...view, name: "Anna's own" });
    expect(await codeOf(as("admin").logs.views.change({ id, name: "Anna's own" }))).toBe("view.name_taken");
    await as("anna").logs.views.change({ id, is_shared: false });
    expect(await namesOf("ben")).toEqual([]);
  });

  it("replaces another view of its owner when it gets that view's name", async () => {
    const { id } = await as("ben").logs.views.save({ ...view, name: "One" });
    await as("ben").logs.views.save({ ...view, name: "Two", search: "" });
    await as("ben").logs.views.change({ id, name: "Two" });
    expect(await as("ben").logs.views.list({ table: "access_logs" })).toMatchObject([
      { id, name: "Two", ...{ search: view.search } },
    ]);
  });
});
