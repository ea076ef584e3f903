import { type Cookie, expect, type Page } from "@playwright/test";
import { ADMIN, PRODUCT } from "../playwright.config";

/** Where the product of this worker is, as browsers name it. */
export const ORIGIN = PRODUCT.url;

/** Every page of the dashboard. */
export const PAGES = [
  "/",
  "/alerts",
  "/tables",
  "/queues",
  "/dead-letters",
  "/imports",
  "/retention",
  "/schedules",
  "/logs/access-logs",
  "/logs/user-activities",
  "/exports",
];

/** Fills in and sends the sign-in form that is on the page. */
export async function fillSignIn(page: Page, { email, password } = ADMIN) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Of this worker's first sign-in, for all its tests: the password's hash is made to be slow. */
let session: Cookie[] | undefined;

/** Signs in without the form, and opens no page. */
export async function signIn(page: Page) {
  if (session) return page.context().addCookies(session);
  const response = await page.request.post("/api/auth/sign-in/email", { data: ADMIN });
  expect(response.ok()).toBe(true);
  session = await page.context().cookies();
}

/** Signs in without the form, and opens `path`. */
export async function openSignedIn(page: Page, path: string) {
  await signIn(page);
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await untilLive(page);
}

/** Waits until the page runs: what is clicked before then is lost. */
export async function untilLive(page: Page) {
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
}

/** Sends events as the signed-in person's browser would. */
export async function sendEvents(
  page: Page,
  path: "access-logs" | "user-activities",
  events: object[],
  mode: "direct" | "queued" = "queued",
) {
  const response = await page.request.post(`/api/v1/batch-processing/${path}?mode=${mode}`, {
    data: events,
    headers: { origin: ORIGIN },
  });
  expect(response.ok(), await response.text()).toBe(true);
}

/** A word that no other test has used. */
export function unique(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}

/** How many pixels the page is wider than its window. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/**
 * What the page warns of. Not what stands on every page while monitoring has an alert, as it does once other tests sent
 * bad events, nor the alert of Next.js, that reads out each new page's title.
 */
export function alertOf(page: Page) {
  return page.locator('[role="alert"]:not(#__next-route-announcer__):not([data-testid="alert-banner"])');
}
