import { expect, type Page, test } from "@playwright/test";
import { horizontalOverflow, openSignedIn, sendEvents, unique, untilLive } from "./product";

/** The test's rows are older than all others, so that a cleanup with a retention of ten years deletes only them. */
const DAYS = "3650";

async function sendOldRows(page: Page, month: string, rows: number): Promise<string> {
  const path = `/${unique("old")}`;
  const events = Array.from({ length: rows }, (_, index) => ({
    ip_address: "192.0.2.7",
    request_path: path,
    created_at: `${month}-0${index + 1}T08:00:00Z`,
  }));
  await sendEvents(page, "access-logs", events, "direct");
  return path;
}

async function countRows(page: Page, path: string): Promise<number> {
  const query = new URLSearchParams({ request_path: path, count: "exact" });
  const answer = await page.request.get(`/api/v1/batch-processing/access-logs?${query}`);
  return (await answer.json()).total;
}

async function preview(page: Page) {
  const panel = page.getByRole("region", { name: "Manual cleanup" });
  await panel.getByRole("textbox", { name: "Keep last N days" }).fill(DAYS);
  await panel.getByRole("button", { name: "Preview" }).click();
  return panel;
}

/** Confirms a preview by typing the name, which starts the countdown. */
async function confirmByName(page: Page) {
  await page.getByRole("button", { name: "Clean up…" }).click();
  const dialog = page.getByRole("dialog");
  const submit = dialog.getByRole("button", { name: "Clean up" });
  await expect(submit).toBeDisabled();
  await dialog.getByRole("textbox").fill("access_log");
  await expect(submit).toBeDisabled();
  await dialog.getByRole("textbox").fill("access_logs");
  await submit.click();
  await expect(page.getByTestId("countdown")).toBeVisible();
}

test("A cleanup is previewed, confirmed by name and undone, then archives and deletes rows, which are verified and restored", async ({
  page,
}) => {
  await page.clock.install();
  await openSignedIn(page, "/retention");
  const path = await sendOldRows(page, "2001-02", 3);
  // Invalid input is kept and shown with the reason, and disables the preview.
  const days = page.getByRole("textbox", { name: "Keep last N days" });
  for (const wrong of ["3651", "1.5", "1e9", "-1"]) {
    await days.fill(wrong);
    await expect(days).toHaveValue(wrong);
    await expect(days).toHaveAccessibleDescription(/Enter a whole number from 0 to 3,?650/);
    await expect(page.getByRole("button", { name: "Preview" })).toBeDisabled();
  }
  const panel = await preview(page);
  await expect(panel.getByTestId("preview")).toContainText("3 rows");
  await panel.getByRole("button", { name: "Show as table" }).click();
  await expect(panel.getByRole("row", { name: "2001-02" })).toContainText("drop partition");

  await confirmByName(page);
  await expect(page.getByRole("button", { name: "Undo" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("button", { name: "Preview" })).toBeFocused();
  await expect(page.getByText("Cancelled. Nothing was deleted.")).toBeVisible();
  await preview(page);
  await confirmByName(page);
  await page.reload();
  await untilLive(page);
  await expect(page.getByTestId("countdown")).toHaveCount(0);
  expect(await countRows(page, path)).toBe(3);

  await preview(page);
  await confirmByName(page);
  await page.clock.fastForward("10");
  const cleanup = page.locator('[data-job="cleanup"][data-status="completed"]');
  await expect(cleanup.getByTestId("job-result")).toContainText(/Deleted3Archived3Partitions dropped1/, {
    timeout: 40_000,
  });
  expect(await countRows(page, path)).toBe(0);
  const history = page.getByRole("region", { name: "History" }).first();
  await expect(history.getByRole("row", { name: "Cleanup of Access logs" }).first()).toContainText("3 deleted");

  await page.getByRole("button", { name: /^2001-02/ }).click();
  const archive = page.locator("[data-archive]", { hasText: "2001-02 · Access logs" });
  await archive.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("Verified: 3 rows")).toBeVisible();
  const file = page.waitForEvent("download");
  await archive.getByRole("link", { name: "Download" }).click();
  expect((await file).suggestedFilename()).toMatch(/^access_logs-2001-02-.*\.parquet$/);

  await archive.getByRole("button", { name: "Restore…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "Time range" }).check();
  await dialog.getByRole("textbox", { name: "From" }).fill("2001-02-02");
  await dialog.getByRole("textbox", { name: "Keep until" }).fill("2001-01-01");
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect(dialog.getByText("Must be in the future")).toBeVisible();
  await dialog.getByRole("textbox", { name: "Keep until" }).fill("2099-01-01");
  await dialog.getByRole("button", { name: "Restore" }).click();
  const restore = page.locator('[data-job="restore"][data-status="completed"]');
  await expect(restore).toContainText("Restore of Access logs, 2001-02");
  await expect(restore).toContainText("2001-02-02 to ");
  await expect(restore.getByTestId("job-result")).toContainText("Restored2");
  expect(await countRows(page, path)).toBe(2);
  await expect(archive).toContainText("kept until 2099-01-01");

  await archive.getByRole("button", { name: "Delete…" }).click();
  await expect(dialog.getByRole("button", { name: "Delete" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Type delete to confirm" }).fill("delete");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(archive).toContainText("Deleted");
  expect(await countRows(page, path)).toBe(2);

  // Dismissing a job by keyboard keeps the focus in the list.
  await restore.getByRole("button", { name: "Hide" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Jobs" })).toBeFocused();
  await cleanup.getByRole("button", { name: "Hide" }).press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("A retention is changed after a preview of the next cleanup, and reset", async ({ page }) => {
  await openSignedIn(page, "/retention");
  const policy = page.locator('[data-policy="archives"]');
  await policy.getByRole("button", { name: "Edit retention: Archives" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Retention in days" }).fill("3650");
  await expect(dialog.getByTestId("policy-preview")).toContainText("To be deletedNone");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(policy).toContainText("3,650 dayschanged by");
  await policy.getByRole("button", { name: "Edit retention: Archives" }).click();
  await dialog.getByRole("button", { name: /^Reset to/ }).click();
  await expect(policy).toContainText("UnlimitedARCHIVES_RETENTION_DAYS");
});

test("The page Storage shows each disk and proposes what to remove; a proposed cleanup is previewed first", async ({
  page,
}) => {
  await openSignedIn(page, "/tables");
  const place = page.locator("[data-place]").first();
  await expect(place.locator('[data-part="free"]')).toContainText("GB");
  await place.getByRole("button", { name: "Free up space…" }).click();
  await place.getByRole("textbox", { name: "Free at least" }).fill("1000000");
  await place.getByRole("button", { name: "Propose" }).click();
  await expect(place.getByText(/returns only|Nothing to remove/)).toBeVisible();
  await page.goto("/retention?clean=user_activities&days=3000");
  await expect(page.getByTestId("preview")).toContainText(/No data older than 3,?000 days/);
});

test.describe("on a phone, in Chinese and dark mode", { tag: "@only-phone" }, () => {
  test.use({ locale: "zh-CN", colorScheme: "dark" });

  test("the policies and a preview fit the window", async ({ page }) => {
    await openSignedIn(page, "/retention");
    await expect(page.locator('[data-policy="access_logs"]')).toContainText("90 天");
    await page.getByRole("combobox", { name: "清理对象" }).selectOption("导出文件");
    await page.getByRole("button", { name: "预览" }).click();
    await expect(page.getByTestId("preview")).toBeVisible();
    expect(await horizontalOverflow(page)).toBe(0);
  });
});
