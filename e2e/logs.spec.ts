import { expect, type Page, test } from "@playwright/test";
import {
  alertOf,
  fillSignIn,
  horizontalOverflow,
  openSignedIn,
  sendEvents,
  signIn,
  unique,
  untilLive,
} from "./product";

const SECOND_MS = 1_000;

/** Creates requests of one session at intervals of a second, oldest first: `/page/0` … */
function session(name: string, count: number, from = Date.UTC(2026, 0, 1)) {
  return Array.from({ length: count }, (_, index) => ({
    ip_address: "192.0.2.9",
    request_path: `/page/${index}`,
    session_id: name,
    created_at: new Date(from + index * SECOND_MS).toISOString(),
  }));
}

const cell = (page: Page, name: string) => page.getByRole("cell", { name, exact: true });
const pathOf = (page: Page) => new URL(page.url()).searchParams;

test("An administrator signs in and sees new rows arrive", async ({ page }) => {
  await page.goto("/logs/access-logs");
  await fillSignIn(page);
  await expect(page.getByRole("heading", { name: "Access logs" })).toBeVisible();
  await untilLive(page);
  await page.getByRole("button", { name: "Live tail", exact: true }).click();
  await expect(page).toHaveURL(/live=1/);

  for (const name of ["first", "second"]) {
    const path = `/${unique(name)}`;
    await sendEvents(page, "access-logs", [{ ip_address: "192.0.2.7", request_path: path, status_code: 503 }]);
    await expect(cell(page, path)).toBeVisible();
  }
});

test("New rows are held back while the user reads, and all of them are shown afterwards", async ({ page }) => {
  const name = unique("tail");
  await openSignedIn(page, `/logs/access-logs?session_id=${name}&live=1`);
  await expect(page.getByText("Waiting for events")).toBeVisible();
  const send = (path: string) =>
    sendEvents(page, "access-logs", [{ ip_address: "192.0.2.7", request_path: path, session_id: name }], "direct");
  await send("/one");
  await expect(cell(page, "/one")).toBeVisible();

  await page.getByRole("button", { name: "Pause" }).click();
  await send("/two");
  await send("/three");
  await expect(page.getByRole("button", { name: "2 new events" })).toBeVisible();
  await expect(cell(page, "/two")).toHaveCount(0);

  await page.getByRole("button", { name: "2 new events" }).click();
  await expect(cell(page, "/three")).toBeVisible();
  await expect(page.getByRole("row")).toHaveCount(4);
  await send("/four");
  await expect(cell(page, "/four")).toBeVisible();
});

test("A row opens with all its fields, and each value can be included in or excluded from the list", async ({
  page,
}) => {
  const user = unique("user");
  await openSignedIn(page, "/logs/user-activities");
  const events = ["case_create", "payment_success"].map((action) => ({
    user_id: user,
    action,
    session_id: user,
    details: { region: "广东", nested: { amount: 12 } },
    device_mark: "kept",
  }));
  await sendEvents(page, "user-activities", [...events, { user_id: unique("other"), action: "login" }], "direct");
  await page.getByRole("button", { name: "Refresh" }).click();

  await page.getByRole("cell", { name: user }).first().click();
  const drawer = page.getByRole("dialog");
  await expect(drawer).toContainText('"region": "广东"');
  await expect(drawer).toContainText('"device_mark": "kept"');
  await expect(drawer.getByRole("region", { name: "Same session" }).getByRole("listitem")).toHaveCount(2);

  await drawer.getByRole("button", { name: "Filter for: User", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`user_id=${user}`));
  await expect(page.getByRole("row")).toHaveCount(3);

  await page.getByRole("cell", { name: "case_create" }).click();
  await drawer.getByRole("button", { name: "Filter out: Action" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(cell(page, "payment_success")).toBeVisible();
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole("row")).toHaveCount(3);
});

test("Pages lead to the end and back, survive a reload, and are the same for other users", async ({
  page,
  browser,
}) => {
  const name = unique("session");
  await signIn(page);
  await sendEvents(page, "access-logs", session(name, 45, Date.now() - 120_000), "direct");
  await page.goto(`/logs/access-logs?range=24h&session_id=${name}&page_size=20`);

  await expect(cell(page, "/page/44")).toBeVisible();
  await expect(page.getByText("Events 1–20 of 45")).toBeVisible();
  await page.getByRole("button", { name: "Older", exact: true }).click();
  await expect(page.getByText("Events 21–40 of 45")).toBeVisible();
  const refreshed = page.waitForResponse((response) => response.url().includes("logs.page"));
  await page.getByRole("button", { name: "Refresh" }).click();
  expect((await refreshed).ok()).toBe(true);
  await page.getByRole("button", { name: "Older", exact: true }).click();
  await expect(cell(page, "/page/0")).toBeVisible();
  await expect(page.getByRole("button", { name: "Older", exact: true })).toBeDisabled();
  await page.goBack();
  await expect(cell(page, "/page/24")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Events 21–40 of 45")).toBeVisible();

  const other = await browser.newPage();
  await openSignedIn(other, page.url());
  await expect(other.getByText("Events 21–40 of 45")).toBeVisible();
  await expect(cell(other, "/page/24")).toBeVisible();
  await other.close();

  await untilLive(page);
  await page.getByRole("button", { name: "Newer", exact: true }).click();
  await expect(cell(page, "/page/44")).toBeVisible();
  await expect(page).not.toHaveURL(/asof=|cursor=/);
  await page.getByRole("button", { name: "Earliest", exact: true }).click();
  await expect(page.getByText("Events 26–45 of 45")).toBeVisible();
  await page.getByRole("textbox", { name: "Page number" }).fill("2");
  await page.getByRole("textbox", { name: "Page number" }).press("Enter");
  await expect(page.getByText("Events 21–40 of 45")).toBeVisible();
});

test("In ascending order, the list starts with the oldest row", async ({ page }) => {
  const name = unique("order");
  await signIn(page);
  await sendEvents(page, "access-logs", session(name, 3), "direct");
  await page.goto(`/logs/access-logs?session_id=${name}`);
  await untilLive(page);
  await page.getByRole("button", { name: "View options" }).click();
  await page.getByText("Oldest first").click();
  await expect(page.getByRole("row").nth(1)).toContainText("/page/0");
  expect(pathOf(page).get("sort")).toBe("created_at");
});

test("Keyboard shortcuts select rows, pages and help, but not while the user types", async ({ page }) => {
  const name = unique("keys");
  await signIn(page);
  await sendEvents(page, "access-logs", session(name, 25), "direct");
  await page.goto(`/logs/access-logs?session_id=${name}&size=20`);
  await untilLive(page);
  await expect(cell(page, "/page/24")).toBeVisible();

  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Event details" });
  await expect(drawer).toContainText("/page/23");
  await page.keyboard.press("k");
  await expect(drawer).toContainText("/page/24");
  await page.keyboard.press("Escape");
  await expect(drawer).toBeHidden();

  const rows = page.getByRole("table").locator("tbody button");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("End");
  await expect(rows.nth(19)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.locator("tbody :focus")).toHaveCount(0);
  await page.keyboard.press("Shift+Tab");
  await expect(rows.nth(19)).toBeFocused();

  await page.keyboard.press("n");
  await expect(cell(page, "/page/4")).toBeVisible();
  await page.keyboard.press("g");
  await expect(cell(page, "/page/24")).toBeVisible();
  await page.keyboard.press("G");
  await expect(cell(page, "/page/0")).toBeVisible();

  await page.keyboard.press("/");
  await page.keyboard.type("gnp?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(cell(page, "/page/0")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Access logs" }).click();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("Selected columns persist and are part of the URL", async ({ page }) => {
  await openSignedIn(page, "/logs/user-activities");
  await sendEvents(page, "user-activities", [{ user_id: unique("user"), action: "login" }], "direct");
  await page.getByRole("button", { name: "View options" }).click();
  await page.getByRole("checkbox", { name: "Details" }).click();
  await page.getByRole("button", { name: "Move Action up" }).click();
  await page.keyboard.press("Escape");
  const chosen = "created_at,action,user_id,resource_type,resource_id,ip_address";
  await expect.poll(() => pathOf(page).get("cols")).toBe(chosen);

  await page.goto("/logs/user-activities");
  await expect.poll(() => pathOf(page).get("cols")).toBe(chosen);
  await page.goto("/logs/user-activities?cols=user_id,session_id");
  await untilLive(page);
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(page.getByRole("columnheader")).toHaveText(["Time", "User", "Session"]);
});

test("A link to a row opens it, on whichever page it is now", async ({ page }) => {
  const name = unique("link");
  const [event] = session(name, 1);
  const id = crypto.randomUUID();
  await signIn(page);
  await sendEvents(page, "access-logs", [{ ...event, id }], "direct");
  await page.goto(`/logs/access-logs?row=2026-01-01T00:00:00.000000Z~${id}`);
  await expect(page.getByRole("dialog", { name: "Event details" })).toContainText(name);
});

test("An empty list shows the reason and what to do", async ({ page }) => {
  const name = unique("empty");
  await signIn(page);
  await sendEvents(page, "access-logs", session(name, 1), "direct");
  await page.goto(`/logs/access-logs?session_id=${name}&range=15m`);
  await untilLive(page);
  await expect(page.getByText("No events in this time range")).toBeVisible();
  await page.getByRole("button", { name: "Show all time" }).click();
  await expect(cell(page, "/page/0")).toBeVisible();
  await page.goto(`/logs/access-logs?session_id=${unique("nobody")}`);
  await expect(page.getByText("No results")).toBeVisible();
});

test("An invalid filter in the URL is rejected with the reason, and can be cleared", async ({ page }) => {
  await openSignedIn(page, "/logs/access-logs?ip_address=nonsense");
  await expect(alertOf(page).filter({ hasText: "IP address: must be an IP address" }).first()).toBeVisible();
  const problem = alertOf(page).filter({ hasText: "Could not load the data" });
  await expect(problem.getByRole("button")).toHaveText(["Clear filters"]);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page).not.toHaveURL(/ip_address/);
  await expect(alertOf(page)).toHaveCount(0);
});

test.describe("on a small phone, in Chinese and dark mode", () => {
  test.use({ viewport: { width: 390, height: 844 }, colorScheme: "dark", locale: "zh-CN" });

  test("The list can be filtered, opened and paged", { tag: "@only-phone" }, async ({ page }) => {
    const name = unique("phone");
    await signIn(page);
    await sendEvents(page, "access-logs", session(name, 25), "direct");
    await page.goto(`/logs/access-logs?session_id=${name}&size=20`);
    await untilLive(page);
    await expect(cell(page, "/page/24")).toBeVisible();
    expect(await horizontalOverflow(page)).toBe(0);
    await cell(page, "/page/24").click();
    await expect(page.getByRole("dialog", { name: "日志详情" })).toContainText(name);
    await page.getByRole("button", { name: "关闭" }).click();
    await page.getByRole("button", { name: "下一页" }).click();
    await expect(cell(page, "/page/0")).toBeVisible();
    await expect(cell(page, "/page/4")).toBeInViewport();
    expect(await horizontalOverflow(page)).toBe(0);
  });
});
