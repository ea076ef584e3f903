import { readFile } from "node:fs/promises";
import { type Download, expect, type Locator, type Page, test } from "@playwright/test";
import ExcelJS from "exceljs";
import Papa from "papaparse";
import { LOCALE_COOKIE } from "../messages/locales";
import { horizontalOverflow, ORIGIN, openSignedIn, sendEvents, signIn, unique, untilLive } from "./product";

const ROWS = 40;
/** A workbook with this many rows takes long enough to be cancelled. */
const MANY_ROWS = 40_000;

/** Sends activities of a session that no other test uses, with text that a spreadsheet would interpret as formulas. */
async function sendSession(page: Page, session: string, count = ROWS) {
  const events = Array.from({ length: count }, (_, index) => ({
    user_id: `用户-${index}`,
    action: index % 2 ? "login" : "=1+1",
    session_id: session,
    created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
  }));
  await sendEvents(page, "user-activities", events, "direct");
}

const files = (page: Page) => page.getByRole("region", { name: "Files" });
const newest = (page: Page) => files(page).getByRole("listitem").first();

/** Starts the export in the form and waits for its file. */
async function startAndWait(page: Page, name: RegExp): Promise<Locator> {
  const start = page.getByRole("button", { name: "Start export" });
  await start.press("Enter");
  await expect(newest(page).getByText(name)).toBeVisible({ timeout: 60_000 });
  await expect(start).toBeFocused();
  return newest(page);
}

async function download(page: Page, file: Locator): Promise<Buffer> {
  const downloading = page.waitForEvent("download");
  await file.getByRole("link", { name: "Download", exact: true }).click();
  const saved: Download = await downloading;
  return readFile(await saved.path());
}

test("A user creates, downloads and deletes each kind of file, which contains the rows of the table", async ({
  page,
}) => {
  test.slow();
  const session = unique("session");
  await signIn(page);
  await sendSession(page, session);
  await page.goto(`/exports?type=user_activities&session_id=${session}`);
  await untilLive(page);
  await expect(page.getByTestId("preview-rows")).toHaveText(`${ROWS} rows`);

  const csv = await startAndWait(page, /\.csv$/);
  await expect(csv).toContainText(`${ROWS} rows`);
  await expect(csv).toContainText("Never downloaded");
  const text = (await download(page, csv)).toString("utf8");
  expect(text.startsWith("\uFEFF")).toBe(true);
  const rows = Papa.parse<Record<string, string>>(text.slice(1), { header: true, skipEmptyLines: true }).data;
  expect(rows.map((row) => row.user_id)).toEqual(Array.from({ length: ROWS }, (_, index) => `用户-${index}`));
  expect(rows[0]).toMatchObject({ action: "'=1+1", created_at: "2026-01-01T08:00:00.000000+08:00" });
  await expect(csv).toContainText("Downloaded once");
  const href = await csv.getByRole("link", { name: "Download", exact: true }).getAttribute("href");
  const head = await page.request.head(href ?? "", { headers: { "accept-encoding": "gzip" } });
  expect(head.headers()).toMatchObject({
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "private, no-cache, no-transform",
  });

  await page.getByText("gzip", { exact: true }).click();
  await startAndWait(page, /\.csv\.gz$/);
  await page.getByText("Excel", { exact: true }).click();
  await expect(page.getByText("Fits on one sheet")).toBeVisible();
  const excel = await startAndWait(page, /^user_activities.*\.xlsx$/);
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(Uint8Array.from(await download(page, excel)).buffer);
  const sheet = book.worksheets[0];
  expect([sheet?.rowCount, sheet?.getRow(2).getCell(4).value]).toEqual([ROWS + 1, "=1+1"]);

  await page.getByText("Statistics report", { exact: true }).first().click();
  await expect(page.getByRole("search")).toHaveCount(0);
  const report = await startAndWait(page, /^statistics_.*\.xlsx$/);
  await report.getByRole("button", { name: /^Delete / }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).press("Enter");
  await expect(files(page).getByText(/statistics_/)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Files" })).toBeFocused();
});

test("A cancelled export is shown as cancelled, leaves no file, and can be repeated", async ({ page }) => {
  const session = unique("session");
  await signIn(page);
  await sendSession(page, session, MANY_ROWS);
  await page.goto(`/exports?type=user_activities&format=excel&session_id=${session}`);
  await untilLive(page);
  // The answer to the start arrives only after Cancel was pressed, and must not move the focus.
  let answerStart = () => {};
  const cancelPressed = new Promise<void>((resolve) => {
    answerStart = resolve;
  });
  await page.route(/jobs\.start|exports\.start/, async (route) => {
    const response = await route.fetch();
    await cancelPressed;
    await route.fulfill({ response });
  });
  await page.getByRole("button", { name: "Start export" }).click();
  const running = page.getByRole("region", { name: /^In progress/ });
  await running
    .getByRole("listitem")
    .filter({ hasText: session })
    .getByRole("button", { name: "Cancel" })
    .press("Enter");
  answerStart();
  const ended = page
    .getByRole("region", { name: "Failed and cancelled" })
    .getByRole("listitem")
    .filter({ hasText: session });
  await expect(ended).toContainText("Cancelled by admin@example.com.");
  await expect(page.getByRole("main")).toBeFocused();
  await expect(files(page).getByRole("listitem").filter({ hasText: session })).toHaveCount(0);

  const again = ended.getByRole("button", { name: "Retry" });
  await again.press("Enter");
  await expect(files(page).getByRole("listitem").filter({ hasText: session })).toContainText("40,000 rows", {
    timeout: 30_000,
  });
  await expect(again).toBeFocused();
});

test("The log page passes its filters, range and columns to the form, which rejects an end before the start", async ({
  page,
}) => {
  const session = unique("session");
  await openSignedIn(page, `/logs/user-activities?session_id=${session}&range=24h&cols=created_at,action`);
  await page.getByRole("link", { name: "Export", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Exports", level: 1 })).toBeVisible();
  await expect(page.getByRole("radio", { name: "User activities" })).toBeChecked();
  await expect(page.getByRole("search").getByText(session)).toBeVisible();
  await expect(page.getByRole("button", { name: "Last 24 hours" })).toBeVisible();
  await expect(page.getByRole("button", { name: "2 of 11 columns" })).toBeVisible();
  await expect(page.getByTestId("preview-rows")).toHaveText("No rows");
  await expect(page.getByText("The file will contain only the header")).toBeVisible();

  await page.goto("/exports?start=2026-11-21&end=2026-11-20");
  await expect(page.getByRole("alert").getByText("End: must be after the start")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start export" })).toBeDisabled();
});

test("On a phone, in Chinese and dark mode, an export is created and its file is listed", {
  tag: "@only-phone",
}, async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  const session = unique("session");
  await signIn(page);
  await sendSession(page, session, 3);
  await page.context().addCookies([{ name: LOCALE_COOKIE, value: "zh-CN", url: ORIGIN }]);
  await page.goto(`/exports?type=user_activities&session_id=${session}`);
  await untilLive(page);
  await expect(page.getByTestId("preview-rows")).toHaveText("3 行");
  await page.getByRole("button", { name: "开始导出" }).click();
  const file = page.getByRole("region", { name: "文件" }).getByRole("listitem").filter({ hasText: session });
  await expect(file).toContainText("3 行", { timeout: 30_000 });
  await expect(file.getByRole("link", { name: "下载", exact: true })).toBeVisible();
  expect(await horizontalOverflow(page)).toBe(0);
});

test("A file is shared by a link that anyone opens, until it is revoked", async ({ page, browser }) => {
  const session = unique("session");
  await signIn(page);
  await sendSession(page, session, 3);
  await page.goto(`/exports?type=user_activities&session_id=${session}&json=all&headers=en`);
  await untilLive(page);
  await page.getByRole("switch", { name: "Allow share links" }).click();
  const file = await startAndWait(page, /\.csv$/);
  await expect(file).toContainText("All JSON fields · column names in English");
  await file.getByRole("button", { name: /^Share/ }).click();
  await page.getByRole("radio", { name: "in 1 hour" }).click();
  await page.getByRole("button", { name: "Create link" }).click();
  const link = await page.getByLabel("Share link", { exact: true }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();

  const guest = await (await browser.newContext()).newPage();
  await guest.goto(link);
  const text = (await download(guest, guest.locator("body"))).toString("utf8");
  expect(text).toMatch(/^\uFEFFID,Time,User,Action,/);
  const links = page.getByRole("region", { name: "Share links" });
  await links
    .getByRole("button", { name: /^Revoke/ })
    .first()
    .click();
  await expect(links.getByText("No active links.")).toBeVisible();
  expect((await guest.goto(link))?.status()).toBe(404);
  await expect(guest.getByRole("alert").getByText("This link is invalid, has expired or was revoked")).toBeVisible();
  await guest.context().close();
});
