import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GET } from "@/app/api/shared/[token]/route";
import { type Context, type Principal, provideContext } from "@/server/process/context";
import { changeRole, createUser, disableUser, enableUser, findUserId } from "@/server/services/accounts";
import { insertUserActivities } from "@/server/services/intake";
import { UNFENCED } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { deleteExport } from "../files/remove";
import { runExport } from "../run-export";
import { createLink, listLinks, revokeLink } from "./links";
import { changeSharing } from "./settings";

let opened: TestContext;
let ctx: Context;
let admin: Principal;
let operator: Principal;
beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  provideContext(ctx);
  await insertUserActivities(ctx, [{ user_id: "1", action: "login" }]);
  admin = await userOf("admin@example.com", "admin");
  operator = await userOf("operator@example.com", "operator");
});
afterAll(() => opened?.close());

async function userOf(email: string, role: "admin" | "operator"): Promise<Principal> {
  await createUser(ctx, { email, password: "correct horse battery", role });
  return { kind: "user", id: await findUserId(ctx, email), name: email, role };
}

async function fileId(): Promise<string> {
  const id = randomUUID();
  await runExport(ctx, {
    id,
    params: { export_type: "user_activities", format: "csv", filters: {}, compress: "none", bom: false },
    requestedBy: "tester",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  return id;
}

let addresses = 0;
async function download(token: string, { method = "GET", address = `203.0.113.${++addresses}`, headers = {} } = {}) {
  const request = new Request(`http://127.0.0.1/api/shared/${encodeURIComponent(token)}`, {
    method,
    headers: { "x-forwarded-for": address, "accept-language": "en", ...headers },
  });
  const response = await GET(request, { params: Promise.resolve({ token }) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const share = async (export_id: string, hours: number | null = 24) =>
  (await createLink(ctx, operator, { export_id, hours })).token;
const actions = async (like: string) =>
  (
    await ctx.db.sql`select action, actor_name, details from audit_log where action like ${like} order by created_at`
  ).map(({ action, actor_name, details }) => ({ action, by: actor_name, ...details }));

test("files cannot be shared before an administrator allows it", async () => {
  await expect(share(await fileId())).rejects.toMatchObject({ code: "export.sharing_off" });
  await changeSharing(ctx, admin, { is_allowed: true });
  expect(await actions("export-sharing.%")).toMatchObject([{ by: "admin@example.com", is_allowed: true }]);
});

test("anyone downloads a shared file by its link, and each download is audited", async () => {
  const export_id = await fileId();
  const token = await share(export_id);
  const { status, headers, text } = await download(token, { address: "198.51.100.9" });
  expect([status, text.split("\r\n")[1]]).toEqual([200, expect.stringContaining("login")]);
  expect(headers.get("cache-control")).toBe("no-store, no-transform");
  expect(headers.get("content-disposition")).toMatch(/^attachment; filename="user_activities_.*\.csv"/);
  const part = await download(token, { headers: { range: "bytes=3-5" } });
  expect([part.status, part.text]).toEqual([206, text.slice(3, 6)]);
  expect((await download(token, { method: "HEAD" })).status).toBe(200);

  const { links } = await listLinks(ctx, operator);
  expect(links).toMatchObject([
    { export_id, created_by: "operator@example.com", downloads: 1, works: true, can_revoke: true },
  ]);
  const [link_id] = links.map((link) => link.link_id);
  const downloads = await actions("export.download-by-link");
  expect(downloads).toMatchObject([
    { by: "share link", link_id, export_id, shared_by: "operator@example.com" },
    { link_id, range: { start: 3, end: 5 } },
  ]);
  const [row] = await ctx.db.sql`
    select host(ip_address) as address from audit_log where action = 'export.download-by-link' order by created_at`;
  expect(row?.address).toBe("198.51.100.9");
  // Nothing that is stored opens the file.
  const stored = await ctx.db.sql`
    select (select json_agg(l) from export_links l)::text || (select json_agg(a) from audit_log a)::text as text`;
  expect(stored[0]?.text).not.toContain(token);
});

test("a link ends with its time, its file, its creator's rights, its revocation, and when sharing is turned off", async () => {
  const export_id = await fileId();
  const answer = async (token: string) => {
    const { status, text } = await download(token);
    return status === 200 ? "file" : { status, code: JSON.parse(text).code, detail: JSON.parse(text).detail };
  };
  const unknown = await answer("x".repeat(43));
  expect(unknown).toMatchObject({ status: 404, code: "export.link_ended" });
  for (const token of ["", "x", "../etc", "a".repeat(5_000), "\0"]) expect(await answer(token)).toEqual(unknown);

  const expired = await share(export_id, 1);
  await ctx.db.sql`update export_links set expires_at = now() where export_id = ${export_id}`;
  expect(await answer(expired)).toEqual(unknown);

  const token = await share(export_id, null);
  expect(await answer(token)).toBe("file");
  const works = async () => (await listLinks(ctx, admin)).links.find((link) => link.export_id === export_id)?.works;
  await disableUser(ctx, operator.id, admin);
  expect(await answer(token)).toEqual(unknown);
  expect(await works()).toBe(false);
  await enableUser(ctx, operator.id, admin);
  expect(await answer(token)).toBe("file");
  expect(await works()).toBe(true);
  await changeRole(ctx, operator.id, "auditor", admin);
  expect(await answer(token)).toEqual(unknown);
  expect(await works()).toBe(false);
  await changeRole(ctx, operator.id, "operator", admin);

  const { links } = await listLinks(ctx, operator);
  const link_id = links.find((link) => link.export_id === export_id)?.link_id ?? "";
  const other: Principal = { ...operator, id: "someone else" };
  await expect(revokeLink(ctx, other, link_id)).rejects.toMatchObject({ code: "export.link_not_owner" });
  await revokeLink(ctx, operator, link_id);
  expect(await answer(token)).toEqual(unknown);

  const deleted = await share(export_id);
  await deleteExport(ctx, admin, export_id);
  expect(await answer(deleted)).toEqual(unknown);

  const last = await share(await fileId());
  await changeSharing(ctx, admin, { is_allowed: false });
  await changeSharing(ctx, admin, { is_allowed: true });
  expect(await answer(last)).toEqual(unknown);
});

test("a link does not outlive its file, and one address cannot try many", async () => {
  const export_id = await fileId();
  const { expires_at } = await createLink(ctx, operator, { export_id, hours: 8_760 });
  const [file] = await ctx.db.sql`select expires_at from exports where id = ${export_id}`;
  expect(Date.parse(expires_at)).toBe(Date.parse(String(file?.expires_at)));
  const statuses = new Set<number>();
  for (let time = 0; time < 130; time++) {
    statuses.add((await download(`${time}`.padEnd(43, "-"), { address: "192.0.2.1" })).status);
  }
  expect(statuses).toEqual(new Set([404, 429]));
});
