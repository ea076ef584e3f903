import { expect, test } from "@playwright/test";
import { horizontalOverflow, openSignedIn } from "./product";

test("A task can be run manually, and its history shows the user and the result", async ({ page }) => {
  await openSignedIn(page, "/schedules");
  const task = page.locator('[data-task="partition_maintenance"]');
  const runNow = task.getByRole("button", { name: "Run now" });
  await runNow.press("Enter");
  await expect(task.getByTestId("last-status")).toHaveText("Success");
  await expect(runNow).toBeFocused();
  await expect(task.getByTestId("last-outcome")).toContainText("Partitions ready");
  await task.getByRole("button", { name: "Show history" }).click();
  await expect(task.getByRole("row", { name: /manual, admin@example.com/ }).first()).toContainText("Success");
});

test("A schedule is described while it is typed, rejected with the reason if it is invalid, changed, and reset", async ({
  page,
}) => {
  await openSignedIn(page, "/schedules");
  const task = page.locator('[data-task="export_files_cleanup"]');
  const edit = () => task.getByRole("button", { name: "Edit schedule" }).click();
  const dialog = page.getByRole("dialog");
  const cron = dialog.getByRole("textbox", { name: "Cron expression" });
  const save = dialog.getByRole("button", { name: "Save" });
  await edit();
  await cron.fill("61 4 * * 1");
  await expect(dialog.getByText("Minute: 61 is not between 0 and 59")).toBeVisible();
  await cron.fill("*/61 4 * * 1");
  await expect(dialog.getByText("Minute: the step of */61 is not between 1 and 60")).toBeVisible();
  await cron.fill("15 4 31 2 *");
  await expect(dialog.getByText("This date does not exist")).toBeVisible();
  await expect(save).toBeDisabled();
  await cron.fill("15 4 * * 1");
  await expect(dialog.getByTestId("next-dues").getByRole("listitem")).toHaveText([/04:15:00/, /04:15:00/, /04:15:00/]);
  await cron.press("Enter");
  await expect(task).toContainText("At 04:15, only on Monday");
  await edit();
  await dialog.getByRole("button", { name: "Reset to default (0 3 * * *)" }).click();
  await expect(task).toContainText("Every day at 03:00");
});

test.describe("on a phone, in Chinese and dark mode", { tag: "@only-phone" }, () => {
  test.use({ locale: "zh-CN", colorScheme: "dark" });

  test("a task can be disabled and enabled", async ({ page }) => {
    await openSignedIn(page, "/schedules");
    const task = page.locator('[data-task="export_files_cleanup"]');
    const toggle = task.getByRole("switch");
    await toggle.press("Space");
    await expect(task).toContainText("已停用");
    await expect(toggle).toBeEnabled();
    await expect(toggle).not.toBeChecked();
    await toggle.press("Space");
    await expect(task).toContainText("每天 03:00");
    await expect(toggle).toBeChecked();
    expect(await horizontalOverflow(page)).toBe(0);
  });
});
