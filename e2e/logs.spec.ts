import { expect, test } from "@playwright/test";
import { alertOf, fillSignIn, openSignedIn, sendEvents, unique } from "./product";

test("An administrator signs in and sees rows moving", async ({ page }) => {
  await page.goto("/logs/access-logs");
  await fillSignIn(page);
  await expect(page.getByRole("heading", { name: "Access logs" })).toBeVisible();

  for (const name of ["first", "second"]) {
    const path = `/${unique(name)}`;
    await sendEvents(page, "access-logs", [{ ip_address: "192.0.2.7", request_path: path, status_code: 503 }]);
    await expect(page.getByRole("cell", { name: path })).toBeVisible();
  }
});

test("A row opens with all its fields, and its value narrows the list", async ({ page }) => {
  const user = unique("user");
  await openSignedIn(page, "/logs/user-activities");
  const events = ["case_create", "payment_success"].map((action) => ({
    user_id: user,
    action,
    details: { region: "广东", nested: { amount: 12 } },
    device_mark: "kept",
  }));
  await sendEvents(page, "user-activities", [...events, { user_id: unique("other"), action: "login" }], "direct");

  await page.getByRole("cell", { name: user }).first().click();
  const drawer = page.getByRole("dialog");
  await expect(drawer).toContainText('"region": "广东"');
  await expect(drawer).toContainText('"device_mark": "kept"');

  await drawer.getByRole("button", { name: "Only this value: User", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`user_id=${user}`));
  await expect(page.getByRole("cell", { name: user })).toHaveCount(2);
  await expect(page.getByRole("row")).toHaveCount(3);
});

test("Older and newer rows are a page away, also by the browser's own button", async ({ page }) => {
  const session = unique("session");
  const events = Array.from({ length: 45 }, (_, index) => ({
    ip_address: "192.0.2.9",
    request_path: `/page/${index}`,
    session_id: session,
    created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
  }));
  await openSignedIn(page, "/import");
  await sendEvents(page, "access-logs", events, "direct");
  await page.goto(`/logs/access-logs?session_id=${session}&page_size=20`);

  await expect(page.getByRole("cell", { name: "/page/44", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Older" }).click();
  await expect(page.getByRole("cell", { name: "/page/24", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Older" }).click();
  await expect(page.getByRole("cell", { name: "/page/0", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Older" })).toBeDisabled();
  await page.goBack();
  await expect(page.getByRole("cell", { name: "/page/24", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Newer" }).click();
  await expect(page.getByRole("cell", { name: "/page/44", exact: true })).toBeVisible();
});

test("A filter that cannot be is refused with the reason", async ({ page }) => {
  await openSignedIn(page, "/logs/access-logs?ip_address=nonsense");
  await expect(alertOf(page).filter({ hasText: "ip_address" })).toBeVisible();
});
