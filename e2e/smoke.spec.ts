import { expect, test } from "@playwright/test";
import { ADMIN } from "../playwright.config";

test("The administrator signs in and sees the queues", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/login/);
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Queues" })).toBeVisible();
});
