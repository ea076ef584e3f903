import { expect, test } from "@playwright/test";
import { ADMIN } from "../playwright.config";
import { alertOf, fillSignIn, PAGES, unique, untilLive } from "./product";

test("An anonymous user sees only the sign-in page", async ({ page }) => {
  for (const path of PAGES) {
    const answer = await page.request.get(path, { maxRedirects: 0 });
    expect(answer.headers().location, path).toBe(`/login?next=${encodeURIComponent(path)}`);
  }
  await page.goto("/queues");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(page.url()).toMatch(/\/login\?next=%2Fqueues$/);
  await expect(page.getByRole("navigation")).toHaveCount(0);
  const answer = await page.request.get("/api/trpc/queues.status");
  expect(answer.status()).toBe(401);
});

test("A wrong password is rejected with a message; the correct one leads back to the requested page", {
  tag: "@phone",
}, async ({ page }) => {
  await page.goto("/logs/access-logs?status_code=5xx");
  await fillSignIn(page, { ...ADMIN, password: "not the password" });
  await expect(alertOf(page)).toContainText("Incorrect email or password");
  await fillSignIn(page);
  await expect(page.getByRole("heading", { name: "Access logs" })).toBeVisible();
  expect(page.url()).toContain("/logs/access-logs?status_code=5xx");
});

test("After sign-in, a link to another site is replaced by the home page", async ({ page }) => {
  await page.goto("/login?next=//example.com/");
  await fillSignIn(page);
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/");
});

test("After too many attempts, the form shows how long to wait", async ({ page }) => {
  const email = `${unique("nobody")}@example.com`;
  for (let attempt = 0; attempt < 10; attempt++) {
    await page.request.post("/api/auth/sign-in/email", { data: { email, password: "guess" } });
  }
  await page.goto("/login");
  await fillSignIn(page, { email, password: "guess" });
  await expect(alertOf(page)).toContainText(/Try again in \d+ min/);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeDisabled();
});

test("A user can sign out", async ({ page }) => {
  await page.goto("/login");
  await fillSignIn(page);
  await untilLive(page);
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/queues");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});
