import { gzipSync } from "node:zlib";
import { expect, type Page, test } from "@playwright/test";
import { ADMIN } from "../playwright.config";
import { attackLog, textOf } from "../server/testing/sample-logs";
import { ORIGIN, openSignedIn, PAGES, sendEvents, signIn, unique } from "./product";

const API = "/api/v1/batch-processing";
const ADMIN_PAGES = ["/audit", "/settings/account", "/settings/users", "/settings/api-keys", "/settings/privacy"];

/** Each string opens a dialog or runs a script in a page that does not render it as text. */
const SCRIPTS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "'\"><svg onload=alert(1)>",
  "javascript:alert(1)",
  "{{constructor.constructor('alert(1)')()}}",
  "</script><script>alert(1)</script>",
];

/** Returns the violations that the page causes; the list stays empty if there are none. */
async function watchPage(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  page.on("dialog", async (dialog) => {
    found.push(`a dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  // Chromium reports violations of the policy on the console.
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) found.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => found.push(`${page.url()}: ${error.message}`));
  return found;
}

test("A script in any field is rendered as text on every page, and no page violates its Content-Security-Policy", async ({
  page,
}) => {
  test.slow();
  const found = await watchPage(page);
  await signIn(page);
  const mark = unique("xss");
  const script = (at: number) => SCRIPTS[at % SCRIPTS.length] ?? "";
  const columns = ["user_id", "session_id", "user_agent", "referer", "device_type", "browser", "os", "country", "city"];
  const rows = SCRIPTS.map((text, at) => ({
    ...Object.fromEntries(columns.map((name, index) => [name, script(at + index)])),
    ip_address: "203.0.113.9",
    request_path: `/${mark}/${text}`,
    request_method: "<b>",
    [text]: { [text]: text },
  }));
  await sendEvents(page, "access-logs", rows, "direct");
  const activities = SCRIPTS.map((text) => ({
    user_id: text,
    action: text,
    resource_type: text,
    resource_id: mark,
    details: { [text]: text },
  }));
  await sendEvents(page, "user-activities", activities, "direct");
  const dead = SCRIPTS.map((text) => ({ ip_address: text, request_path: text, status_code: text }));
  const source = encodeURIComponent(`${mark} ${SCRIPTS[1]}`);
  const rejected = await page.request.post(`${API}/access-logs?mode=direct&source=${source}`, {
    data: dead,
    headers: { origin: ORIGIN },
  });
  expect(await rejected.json()).toMatchObject({ rejected: SCRIPTS.length });
  const upload = await page.request.post(`${API}/access-logs?mode=direct`, {
    data: textOf(attackLog()),
    headers: { "content-type": "text/plain", origin: ORIGIN },
  });
  expect(upload.ok(), await upload.text()).toBe(true);

  for (const path of [...PAGES, ...ADMIN_PAGES]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("#main")).not.toContainText("Internal server error");
  }
  await page.goto(`/logs/access-logs?request_path=${encodeURIComponent(`/${mark}/*`)}`);
  const shown = page.locator("[data-row]");
  await expect(shown).toHaveCount(SCRIPTS.length);
  await shown.first().click();
  await expect(page.getByRole("dialog")).toContainText("alert(1)");
  await page.goto(`/logs/user-activities?resource_id=${mark}`);
  await expect(shown).toHaveCount(SCRIPTS.length);
  await shown.first().click();
  await expect(page.getByRole("dialog")).toContainText("alert(1)");
  await page.goto("/dead-letters");
  await page.locator("[data-letter] button").first().click();
  await expect(page.getByRole("dialog")).toContainText("alert(1)");
  const query = ["request_path", "user_id", "browser", "row", "from", "sort"].map((name, at) => [name, script(at)]);
  for (const path of ["/logs/access-logs", "/logs/user-activities", "/dead-letters", "/login"]) {
    await page.goto(`${path}?${new URLSearchParams(query)}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  expect(found).toEqual([]);
});

test("A session cookie cannot be read by scripts, used by another site, or modified", async ({ page, request }) => {
  await openSignedIn(page, "/settings/account");
  expect(await page.evaluate(() => document.cookie)).not.toContain("session");
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name.includes("session"));
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  const cookie = `${session?.name}=${session?.value}`;
  const others: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: ORIGIN, "sec-fetch-site": "cross-site" },
    { origin: ORIGIN, "sec-fetch-site": "same-site" },
    {},
  ];
  for (const headers of others) {
    const rest = await request.post(`${API}/queues/access_logs/pause`, { headers: { cookie, ...headers } });
    expect(rest.status(), JSON.stringify(headers)).toBe(403);
    const trpc = await request.post("/api/trpc/queues.setPaused", {
      data: { queue: "access_logs", paused: true },
      headers: { cookie, ...headers },
    });
    expect(trpc.status(), JSON.stringify(headers)).toBe(403);
  }
  const forged = `${session?.name}=${session?.value.slice(0, -6)}AAAAAA`;
  expect((await request.get(`${API}/jobs`, { headers: { cookie } })).status()).toBe(200);
  expect((await request.get(`${API}/jobs`, { headers: { cookie: forged } })).status()).toBe(401);
  // Session fixation: sign-in never continues an existing session.
  const given = await request.post("/api/auth/sign-in/email", { data: ADMIN, headers: { cookie, origin: ORIGIN } });
  expect(given.status()).toBe(200);
  expect(given.headers()["set-cookie"]).toContain("HttpOnly");
  expect(given.headers()["set-cookie"]).not.toContain(session?.value.slice(0, 20));
  for (const next of ["//evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:a=b"]) {
    const answer = await page.request.get(`/login?next=${encodeURIComponent(next)}`, { maxRedirects: 0 });
    expect(answer.headers()["set-cookie"] ?? "").not.toContain("a=b");
    const { location = "/" } = answer.headers();
    expect(new URL(location, ORIGIN).origin, next).toBe(ORIGIN);
  }
});

test("Hostile paths, IDs, queries and bodies are rejected with a readable message, never with a 500", async ({
  page,
}) => {
  await signIn(page);
  const refused = async (path: string, statuses: readonly number[]) => {
    const answer = await page.request.get(path);
    expect(statuses, path).toContain(answer.status());
    expect(await answer.text()).not.toMatch(/root:|node_modules|\bselect [^.]{1,200} from /);
  };
  for (const path of [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "/etc/passwd",
    "exports/%00.csv",
    "file:///etc/passwd",
  ]) {
    await refused(`${API}/download?file_path=${encodeURIComponent(path)}`, [404, 422]);
  }
  for (const path of ["/_next/static/..%2f..%2f..%2fserver%2fstart.ts", "/.env", "/..%5c..%5cpackage.json"]) {
    await refused(path, [400, 404]);
  }
  const id = crypto.randomUUID();
  for (const path of [
    `/jobs/${id}`,
    "/jobs/1",
    `/jobs/${encodeURIComponent("' or 1=1 --")}`,
    `/exports/${id}/manifest`,
    `/archives/${id}/download`,
  ]) {
    await refused(API + path, [404]);
  }
  for (const query of [
    "__proto__=1",
    "__%70roto__=1",
    "__proto__[x]=1",
    "constructor=1",
    "cursor=AAAA",
    "sort=id;drop table x",
    "page=1e9",
  ]) {
    await refused(`${API}/access-logs?${query}`, [400, 422]);
  }

  const polluted = '{"queue":"access_logs","error":"x","__proto__":{"a":1},"constructor":{"prototype":{"a":1}}}';
  const nested = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  for (const [body, type, status] of [
    [polluted, "application/json", 422],
    [nested, "application/json", 400],
    ["\u0000\u0001", "application/json", 400],
    ["x".repeat(3_000_000), "application/json", 413],
    ["{}", "text/html", 415],
  ] as const) {
    const headers = { "content-type": type, origin: ORIGIN };
    const answer = await page.request.delete(`${API}/dead-letters`, { data: Buffer.from(body), headers });
    expect(answer.status(), body.slice(0, 20)).toBe(status);
    expect(await answer.text()).not.toMatch(/node_modules|at \w+ \(|\bselect /);
  }
  const headers = { "content-type": "application/json", origin: ORIGIN };
  for (const path of ["/api/trpc/queues.setPaused", "/api/auth/sign-in/email"]) {
    expect((await page.request.post(path, { data: Buffer.alloc(3_000_000, "x"), headers })).status(), path).toBe(413);
  }

  // Half a gigabyte of zeros as lines, and a JSON document of 16 MB.
  const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  for (const [data, type] of [
    [Buffer.concat(Array.from({ length: 32 }, () => zeros)), "application/x-ndjson"],
    [gzipSync(`[${" ".repeat(16 * 1024 * 1024)}`), "application/json"],
  ] as const) {
    const bomb = await page.request.post(`${API}/access-logs?mode=direct`, {
      data,
      headers: { "content-type": type, "content-encoding": "gzip", origin: ORIGIN },
    });
    expect(bomb.status(), type).toBe(413);
  }
  expect((await page.request.get("/api/health")).ok()).toBe(true);
});
