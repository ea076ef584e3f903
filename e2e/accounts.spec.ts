import { readdirSync } from "node:fs";
import path from "node:path";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { loadConfig } from "@/server/process/config";
import { openContext } from "@/server/process/open-context";
import { PRODUCT } from "../playwright.config";
import { horizontalOverflow, ORIGIN, openSignedIn, sendEvents, signIn, unique, untilLive } from "./product";

const PASSWORD = "a password of my own";
const ROLE_NAMES = { viewer: "Viewer", operator: "Operator", admin: "Administrator" } as const;
const BASE = "/api/v1/batch-processing";

/** Invites a user as an administrator. @returns the invitation link that is displayed */
async function invite(page: Page, email: string, role: keyof typeof ROLE_NAMES): Promise<string> {
  await page.getByRole("button", { name: "Invite user" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Email").fill(email);
  await form.getByRole("combobox", { name: "Role" }).selectOption(ROLE_NAMES[role]);
  await form.getByRole("button", { name: "Create invite link" }).click();
  const link = await page.getByLabel("Invite link", { exact: true }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  return link;
}

async function openLink(browser: Browser, link: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  return page;
}

test("An administrator invites an operator, who signs in, is demoted, sees masked addresses, and is signed out when disabled", async ({
  page,
  browser,
}) => {
  const email = `${unique("operator")}@example.com`;
  await openSignedIn(page, "/settings/users");
  const link = await invite(page, email, "operator");
  const row = page.getByTestId("user").filter({ hasText: email });
  await expect(row).toContainText("Invite pending");

  const theirs = await openLink(browser, link);
  await expect(theirs.getByText(`For ${email}`)).toBeVisible();
  await theirs.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await theirs.getByLabel("Confirm new password").fill(PASSWORD);
  await theirs.getByRole("button", { name: "Set password and sign in" }).click();
  await untilLive(theirs);
  await expect(theirs.getByRole("link", { name: "Import", exact: true })).toBeVisible();
  await expect(theirs.getByRole("link", { name: "Users", exact: true })).toHaveCount(0);

  await theirs.goto("/settings/account");
  await theirs.getByLabel("Current password").fill(PASSWORD);
  await theirs.getByLabel("New password", { exact: true }).fill(`${PASSWORD}, changed`);
  await theirs.getByLabel("Confirm new password").fill(`${PASSWORD}, changed`);
  await theirs.getByRole("button", { name: "Change password" }).click();
  await expect(theirs.getByText("Password changed")).toBeVisible();
  await expect(theirs.getByTestId("session")).toContainText("Current session");

  await row.getByRole("combobox").selectOption("Viewer");
  await expect(row.getByRole("combobox")).toHaveValue("viewer");
  const refused = await theirs.goto("/imports");
  expect(refused?.status()).toBe(403);
  await expect(theirs.getByRole("heading", { name: "Access denied" })).toBeVisible();
  await expect(theirs.getByRole("link", { name: "Import", exact: true })).toHaveCount(0);

  const path = `/${unique("masked")}`;
  await sendEvents(page, "access-logs", [{ ip_address: "198.51.100.77", request_path: path }], "direct");
  await theirs.goto(`/logs/access-logs?request_path=${path}`);
  const shown = theirs.locator("[data-row]");
  await expect(shown).toContainText("198.51.100.***");
  await shown.click();
  await expect(theirs.getByRole("dialog")).toContainText("198.51.100.***");
  expect(await theirs.content()).not.toContain("198.51.100.77");
  const privacy = await page.context().newPage();
  await privacy.goto("/settings/privacy");
  const masked = privacy.getByRole("switch", { name: "IP address" });
  await masked.click({ force: true });
  await expect(masked).not.toBeChecked();
  await expect(privacy.getByText(/Updated by/)).toBeVisible();
  await theirs.reload();
  await expect(shown).toContainText("198.51.100.77");
  await masked.click({ force: true });
  await expect(masked).toBeChecked();
  await privacy.close();

  await theirs.goto("/settings/account");
  await untilLive(theirs);
  await row.getByRole("button", { name: `Actions for ${email}` }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(row).toContainText("Disabled");
  // The open page is signed out at its next request.
  await theirs.getByLabel("Current password").fill("x");
  await theirs.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await theirs.getByLabel("Confirm new password").fill(PASSWORD);
  await theirs.getByRole("button", { name: "Change password" }).click();
  await expect(theirs.getByRole("heading", { name: "Sign in" })).toBeVisible();
  for (const pattern of Object.keys(NEEDS)) {
    const answer = await theirs.request.get(addressOf(pattern), { maxRedirects: 0 });
    expect(answer.status(), `${pattern} for a disabled user`).toBe(307);
  }
  await theirs.goto(link);
  await expect(theirs.getByText("This link has been used")).toBeVisible();
  await theirs.context().close();

  await page.goto(`/audit?actor_name=${encodeURIComponent(email)}`);
  for (const action of ["Sign in", "Set password", "Change own password"]) {
    await expect(page.getByRole("cell", { name: action })).toBeVisible();
  }
  await expect(page.getByRole("cell", { name: "Disable user" })).toHaveCount(0);
  await page.goto("/audit?action=user.disable");
  await expect(page.getByRole("row").filter({ hasText: email })).toBeVisible();
});

test("An API key is created, shown once, used and revoked, and then rejected, and the audit log is exported", async ({
  page,
}) => {
  const name = unique("shipper");
  await openSignedIn(page, "/settings/api-keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Create API key" }).click();
  const key = await page.getByLabel("API key", { exact: true }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  const send = () => page.request.get(`${BASE}/queue-status`, { headers: { authorization: `Bearer ${key}` } });
  expect((await send()).status()).toBe(200);

  await page.reload();
  const row = page.getByTestId("api-key").filter({ hasText: name });
  await expect(row).toContainText("Last used");
  await expect(row).toContainText(key.slice(0, 8));
  expect(await page.content()).not.toContain(key);
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("Revoked");
  expect((await send()).status()).toBe(401);

  await page.goto("/audit?action=api-key.*");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export", exact: true }).click();
  const file = await (await download).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of file) chunks.push(chunk);
  const csv = Buffer.concat(chunks).toString("utf8");
  expect(csv).toContain("actor_name,");
  expect(csv.split("\r\n").filter((line) => line.includes(name))).toHaveLength(2);
  expect(csv).not.toContain("session.sign-in");
});

/** The role that each page on disk requires; a page without an entry fails the test. */
const NEEDS: Record<string, keyof typeof ROLE_NAMES> = {
  "/": "viewer",
  "/alerts": "viewer",
  "/audit": "admin",
  "/dashboards": "viewer",
  "/dashboards/[id]": "viewer",
  "/explore": "viewer",
  "/retention": "viewer",
  "/dead-letters": "viewer",
  "/exports": "viewer",
  "/imports": "operator",
  "/intake-rules": "admin",
  "/logs/[table]": "viewer",
  "/queues": "viewer",
  "/settings/account": "viewer",
  "/settings/api-keys": "admin",
  "/settings/privacy": "admin",
  "/settings/users": "admin",
  "/tables": "viewer",
  "/schedules": "viewer",
  "/timeline": "viewer",
};

const addressOf = (pattern: string) => pattern.replace("[table]", "access-logs").replace("[id]", "traffic");

/** Sets a key's expiry to the past. */
async function expire(id: string): Promise<void> {
  const { context, close } = await openContext("cli", { config: loadConfig({ DATA_DIR: PRODUCT.dataDir }) });
  await context.db.sql`update api_keys set expires_at = now() - interval '1 second' where id = ${id}`;
  await close();
}

test("Every page opens for the roles with access, and is forbidden for others", async ({ page, playwright }) => {
  const files = readdirSync("app/(dashboard)", { recursive: true, encoding: "utf8" });
  const found = files
    .filter((file) => path.basename(file) === "page.tsx")
    .map((file) => `/${path.dirname(file)}`.replace(/^\/\.$/, "/"));
  expect(found.sort()).toEqual(Object.keys(NEEDS).sort());

  await signIn(page);
  const make = async (name: string, role: string) => {
    const answer = await page.request.post("/api/trpc/apiKeys.create", {
      data: { name, role, expires_days: null },
      headers: { origin: ORIGIN },
    });
    const { result }: { result: { data: { id: string; key: string } } } = await answer.json();
    return result.data;
  };
  const revoked = await make("revoked", "admin");
  const revoking = await page.request.post("/api/trpc/apiKeys.revoke", {
    data: { id: revoked.id },
    headers: { origin: ORIGIN },
  });
  expect(revoking.ok()).toBe(true);
  const expired = await make("expired", "admin");
  await expire(expired.id);
  const roles = ["viewer", "operator", "admin"] as const;
  const askers: { name: string; rank: number; headers: Record<string, string>; also?: string }[] = [
    { name: "nobody", rank: -1, headers: {} },
    { name: "a revoked key", rank: -1, headers: { authorization: `Bearer ${revoked.key}` } },
    { name: "an expired key", rank: -1, headers: { authorization: `Bearer ${expired.key}` } },
  ];
  for (const [rank, role] of roles.entries()) {
    askers.push({ name: role, rank, headers: { authorization: `Bearer ${(await make(role, role)).key}` } });
  }
  const auditor = { authorization: `Bearer ${(await make("auditor", "auditor")).key}` };
  askers.push({ name: "auditor", rank: 0, headers: auditor, also: "/audit" });
  for (const { name, rank, headers, also } of askers) {
    const request = await playwright.request.newContext({ baseURL: ORIGIN, extraHTTPHeaders: headers });
    for (const [pattern, needed] of Object.entries(NEEDS)) {
      const answer = await request.get(addressOf(pattern), { maxRedirects: 0 });
      const expected = rank < 0 ? 307 : rank >= roles.indexOf(needed) || pattern === also ? 200 : 403;
      expect(answer.status(), `${pattern} for ${name}`).toBe(expected);
    }
    await request.dispose();
  }
});

test("On a phone, in Chinese and dark mode, the pages fit the window", { tag: "@only-phone" }, async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await signIn(page);
  await page.context().addCookies([{ name: "locale", value: "zh-CN", url: ORIGIN }]);
  for (const [path, heading] of [
    ["/settings/users", "用户"],
    ["/settings/api-keys", "API 密钥"],
    ["/settings/account", "我的账号"],
    ["/settings/privacy", "数据脱敏"],
    ["/audit", "审计日志"],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    expect(await horizontalOverflow(page)).toBe(0);
  }
});
