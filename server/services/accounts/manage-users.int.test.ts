import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMMAND_LINE, type Principal, type Role } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { createApiKey, listApiKeys } from "./api-keys";
import { handleAuth } from "./auth";
import { authenticate } from "./authenticate";
import { changePassword } from "./change-password";
import {
  changeExpiry,
  changeRole,
  deleteUser,
  disableUser,
  enableUser,
  listUsers,
  resetPassword,
} from "./manage-users";
import { endOtherSessions, endSession, listSessions } from "./sessions";
import { createUser, inviteUser } from "./users";

const ORIGIN = "http://127.0.0.1:3000";
const PASSWORD = "correct horse battery";

let test: TestContext;
let now = new Date("2026-01-01T00:00:00Z");
let root: Principal;

beforeAll(async () => {
  test = await createTestContext({ overrides: { now: () => now } });
});
afterAll(() => test.close());

beforeEach(async () => {
  now = new Date(now.getTime() + 3_600_000);
  await test.context.db.sql`truncate "user", verification cascade`;
  root = await principalOf("root@example.com", "admin");
});

async function principalOf(email: string, role: Role): Promise<Principal> {
  const { id } = await createUser(test.context, { email, password: PASSWORD, role });
  return { kind: "user", id, name: email, role };
}

function post(path: string, body: object) {
  const request = new Request(`${ORIGIN}/api/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ORIGIN, "user-agent": "Mozilla/5.0 Firefox/140.0" },
    body: JSON.stringify(body),
  });
  return handleAuth(test.context, request);
}

async function signIn(email: string, password = PASSWORD): Promise<Headers> {
  const response = await post("/sign-in/email", { email, password });
  expect(response.status).toBe(200);
  return new Headers({ cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "" });
}

const principalFor = (headers: Headers) => authenticate(test.context, headers);

describe("an account with an expiry date", () => {
  const day = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);

  it("ends with that day in APP_TIMEZONE: its sessions, keys, links and sign-in, and can be extended", async () => {
    const email = "auditor@example.com";
    const input = { email, password: PASSWORD, role: "auditor", expires_on: day(1) } as const;
    const { id } = await createUser(test.context, input);
    const session = await signIn(email);
    const own: Principal = { kind: "user", id, name: email, role: "auditor" };
    const { key } = await createApiKey(test.context, { name: "theirs", role: "auditor" }, own);
    const byKey = new Headers({ authorization: `Bearer ${key}` });
    expect(await principalFor(session)).toMatchObject({ name: email, role: "auditor" });
    expect(await principalFor(byKey)).toMatchObject({ role: "auditor" });
    now = new Date(now.getTime() + 3 * 86_400_000);
    expect([await principalFor(session), await principalFor(byKey)]).toEqual([null, null]);
    expect((await post("/sign-in/email", { email, password: PASSWORD })).status).toBe(401);
    expect((await listApiKeys(test.context))[0]?.is_ownerless).toBe(true);
    await expect(changeExpiry(test.context, id, "2025-12-31", root)).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
    await changeExpiry(test.context, id, day(1), root);
    expect(await principalFor(session)).toMatchObject({ name: email });
    await changeExpiry(test.context, id, null, root);
    expect((await listUsers(test.context)).find((user) => user.id === id)?.expires_at).toBeNull();
  });

  it("is neither one's own nor that of the last administrator without an end", async () => {
    const other = await principalOf("other@example.com", "admin");
    await expect(changeExpiry(test.context, root.id, day(1), root)).rejects.toMatchObject({ kind: "CONFLICT" });
    await changeExpiry(test.context, other.id, day(1), root);
    await expect(disableUser(test.context, root.id, other)).rejects.toMatchObject({ code: "account.last_admin" });
  });
});

describe("a link that sets a password", () => {
  it("lets an invited user in, can be used once, and is stored only as a hash", async () => {
    const { email, link } = await inviteUser(test.context, { email: "New@Example.com", role: "operator" }, root);
    expect(email).toBe("new@example.com");
    const stored = await test.context.db.sql<{ text: string }[]>`select verification::text as text from verification`;
    expect(stored.map(({ text }) => text).join()).not.toContain(link.token);
    expect(await (await post("/password-link/look", { token: link.token })).json()).toMatchObject({ email });

    const use = { token: link.token, password: "a password of my own" };
    expect((await post("/password-link/use", { ...use, password: "too short" })).status).toBe(422);
    const both = await Promise.all([post("/password-link/use", use), post("/password-link/use", use)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect(await principalFor(await signIn(email, use.password))).toMatchObject({ name: email, role: "operator" });
  });

  it("ends after seven days, when a new one is created, and when the account is disabled", async () => {
    const { id, link } = await inviteUser(test.context, { email: "late@example.com", role: "viewer" }, root);
    const look = async (token: string) => (await post("/password-link/look", { token })).status;
    const second = await resetPassword(test.context, id, root);
    expect(await look(link.token)).toBe(404);
    expect(await look(second.link.token)).toBe(200);
    await disableUser(test.context, id, root);
    await enableUser(test.context, id, root);
    expect(await look(second.link.token)).toBe(404);
    const third = await resetPassword(test.context, id, root);
    now = new Date(now.getTime() + 86_400_000);
    expect(await look(third.link.token)).toBe(404);
  });

  it("ends the old password and all sessions immediately", async () => {
    const user = await principalOf("forgot@example.com", "viewer");
    const session = await signIn(user.name);
    await resetPassword(test.context, user.id, root);
    expect(await principalFor(session)).toBeNull();
    expect((await post("/sign-in/email", { email: user.name, password: PASSWORD })).status).toBe(401);
    expect((await listUsers(test.context)).find(({ id }) => id === user.id)).toMatchObject({ has_password: false });
  });
});

describe("a change of a user", () => {
  it("applies a new role from the next request", async () => {
    const user = await principalOf("op@example.com", "operator");
    const session = await signIn(user.name);
    await changeRole(test.context, user.id, "viewer", root);
    expect(await principalFor(session)).toMatchObject({ role: "viewer" });
  });

  it("that disables the account ends sessions immediately; the right password is answered like a wrong one", async () => {
    const user = await principalOf("off@example.com", "viewer");
    const session = await signIn(user.name);
    await disableUser(test.context, user.id, root);
    expect(await principalFor(session)).toBeNull();
    const right = await post("/sign-in/email", { email: user.name, password: PASSWORD });
    const wrong = await post("/sign-in/email", { email: user.name, password: "not the password" });
    expect([right.status, await right.text()]).toEqual([wrong.status, await wrong.text()]);
    expect(right.status).toBe(401);
    await enableUser(test.context, user.id, root);
    expect(await principalFor(await signIn(user.name))).toMatchObject({ name: user.name });
  });

  it("that deletes the account ends sessions immediately and keeps its audit entries", async () => {
    const user = await principalOf("gone@example.com", "viewer");
    const session = await signIn(user.name);
    await deleteUser(test.context, user.id, root);
    expect(await principalFor(session)).toBeNull();
    const rows = await test.context.db.sql`
      select action from audit_log where actor_name = ${user.name} or details->>'email' = ${user.name}
      order by created_at`;
    expect(rows.map(({ action }) => action)).toEqual(["user.create", "session.sign-in", "user.delete"]);
  });
});

describe("the last administrator", () => {
  it("cannot be demoted, disabled, deleted or reset by anyone", async () => {
    for (const change of [
      () => changeRole(test.context, root.id, "viewer", COMMAND_LINE),
      () => disableUser(test.context, root.id, COMMAND_LINE),
      () => deleteUser(test.context, root.id, COMMAND_LINE),
      () => resetPassword(test.context, root.id, COMMAND_LINE),
    ]) {
      await expect(change()).rejects.toMatchObject({ kind: "CONFLICT" });
    }
  });

  it("is not an account that is disabled or still without a password", async () => {
    await inviteUser(test.context, { email: "invited@example.com", role: "admin" }, root);
    const off = await principalOf("off@example.com", "admin");
    await disableUser(test.context, off.id, root);
    await expect(changeRole(test.context, root.id, "viewer", root)).rejects.toMatchObject({ kind: "CONFLICT" });
  });

  it("remains when two demote, disable and delete each other at the same moment", async () => {
    const actions = [
      (id: string, by: Principal) => changeRole(test.context, id, "viewer", by),
      (id: string, by: Principal) => disableUser(test.context, id, by),
      (id: string, by: Principal) => deleteUser(test.context, id, by),
    ];
    for (const [index, action] of actions.entries()) {
      const other = await principalOf(`other${index}@example.com`, "admin");
      const outcomes = await Promise.allSettled([action(root.id, other), action(other.id, root)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const left = (await listUsers(test.context)).filter((user) => user.role === "admin" && !user.disabled_at);
      expect(left).toHaveLength(1);
      root = { kind: "user", id: left[0]?.id ?? "", name: left[0]?.email ?? "", role: "admin" };
    }
  });

  it("cannot disable, delete or reset their own account, even when there is another administrator", async () => {
    await principalOf("second@example.com", "admin");
    for (const action of [disableUser, deleteUser, resetPassword]) {
      await expect(action(test.context, root.id, root)).rejects.toMatchObject({ kind: "CONFLICT" });
    }
  });
});

describe("one's own account", () => {
  it("changes its password only with the old one, and is signed out everywhere else", async () => {
    const user = await principalOf("own@example.com", "viewer");
    const [here, elsewhere] = [await signIn(user.name), await signIn(user.name)];
    const me = await principalFor(here);
    if (!me) throw new Error("not signed in");
    const next = "another good password";
    const wrong = changePassword(test.context, { current: "not the password", next }, me);
    await expect(wrong).rejects.toMatchObject({ kind: "UNPROCESSABLE", errors: [{ path: "current" }] });
    await expect(changePassword(test.context, { current: PASSWORD, next: "short" }, me)).rejects.toMatchObject({
      errors: [{ path: "next" }],
    });
    await changePassword(test.context, { current: PASSWORD, next }, me);
    expect(await principalFor(here)).not.toBeNull();
    expect(await principalFor(elsewhere)).toBeNull();
    expect((await post("/sign-in/email", { email: user.name, password: PASSWORD })).status).toBe(401);
    await signIn(user.name, next);
  });

  it("lists its sessions without tokens, and ends one or all others of its own", async () => {
    const user = await principalOf("sessions@example.com", "viewer");
    const [here, second, third] = [await signIn(user.name), await signIn(user.name), await signIn(user.name)];
    const me = await principalFor(here);
    if (!me) throw new Error("not signed in");
    const sessions = await listSessions(test.context, me.id, me);
    expect(sessions.map(({ current }) => current)).toEqual([true, false, false]);
    expect(sessions[0]).toMatchObject({ browser: "Firefox 140" });
    const tokens = await test.context.db.sql<{ token: string }[]>`select token from session`;
    for (const { token } of tokens) expect(JSON.stringify(sessions)).not.toContain(token);

    const secondId = (await principalFor(second))?.sessionId ?? "";
    await expect(endSession(test.context, root.id, secondId, root)).rejects.toMatchObject({ kind: "NOT_FOUND" });
    await endSession(test.context, me.id, secondId, me);
    expect(await principalFor(second)).toBeNull();
    expect(await endOtherSessions(test.context, me.id, me)).toEqual({ ended: 1 });
    expect(await principalFor(third)).toBeNull();
    expect(await principalFor(here)).not.toBeNull();
  });

  it("gets a new session at each sign-in, whatever cookie the browser sent", async () => {
    const brought = await signIn(root.name);
    const request = new Request(`${ORIGIN}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: ORIGIN, cookie: brought.get("cookie") ?? "" },
      body: JSON.stringify({ email: root.name, password: PASSWORD }),
    });
    const given = (await handleAuth(test.context, request)).headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(given).not.toBe("");
    expect(given).not.toBe(brought.get("cookie"));
  });

  it("passes its restrictions on to its keys when it is disabled, deleted or demoted", async () => {
    const email = "keeper@example.com";
    const keeper = await principalOf(email, "admin");
    const { id, key } = await createApiKey(test.context, { name: "kept", role: "admin" }, keeper);
    const { key: ofMachine } = await createApiKey(test.context, { name: "machine", role: "viewer" });
    const roleOf = async (sent: string) =>
      (await authenticate(test.context, new Headers({ authorization: `Bearer ${sent}` })))?.role ?? null;
    const isOwnerless = async () => (await listApiKeys(test.context)).find((one) => one.id === id)?.is_ownerless;
    expect([await roleOf(key), await isOwnerless()]).toEqual(["admin", false]);
    await changeRole(test.context, keeper.id, "viewer", root);
    expect(await roleOf(key)).toBe("viewer");
    await changeRole(test.context, keeper.id, "admin", root);
    await disableUser(test.context, keeper.id, root);
    expect([await roleOf(key), await isOwnerless()]).toEqual([null, true]);
    await enableUser(test.context, keeper.id, root);
    expect([await roleOf(key), await isOwnerless()]).toEqual(["admin", false]);
    await deleteUser(test.context, keeper.id, root);
    expect([await roleOf(key), await isOwnerless()]).toEqual([null, true]);
    expect(await roleOf(ofMachine)).toBe("viewer");
  });

  it("cannot create a key with a role above its own", async () => {
    const operator = await principalOf("op@example.com", "operator");
    const key = createApiKey(test.context, { name: "above", role: "admin" }, operator);
    await expect(key).rejects.toMatchObject({ kind: "FORBIDDEN" });
  });
});

describe("signing in", () => {
  it("is audited with its address, on success and on failure, without the password", async () => {
    await signIn(root.name);
    await post("/sign-in/email", { email: "nobody@example.com", password: "not the password" });
    await post("/sign-in/email", { email: "my password, typed in the wrong field", password: "x" });
    const rows = await test.context.db.sql`
      select actor_kind, actor_name, result from audit_log where action = 'session.sign-in'
      order by created_at desc limit 3`;
    expect(rows).toEqual([
      { actor_kind: "nobody", actor_name: "(no email address)", result: "refused" },
      { actor_kind: "nobody", actor_name: "nobody@example.com", result: "refused" },
      { actor_kind: "user", actor_name: root.name, result: "ok" },
    ]);
    expect(await test.context.db.sql`select 1 from audit_log where audit_log::text like '%not the password%'`).toEqual(
      [],
    );
  });
});
