import { type Cookie, expect, type Page } from "@playwright/test";
import { ADMIN, PRODUCT } from "../playwright.config";

/** The origin of this worker's product in the browser. */
export const ORIGIN = PRODUCT.url;

export { PAGES } from "./pages";

/** Fills in and submits the sign-in form of the page. */
export async function fillSignIn(page: Page, { email, password } = ADMIN) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The session of this worker's first sign-in, shared by its tests, because password hashing is intentionally slow. */
let session: Cookie[] | undefined;

/** Signs in by API without opening a page. */
export async function signIn(page: Page) {
  if (session) return page.context().addCookies(session);
  const response = await page.request.post("/api/auth/sign-in/email", { data: ADMIN });
  expect(response.ok()).toBe(true);
  session = await page.context().cookies();
}

/** Signs in by API and opens `path`. */
export async function openSignedIn(page: Page, path: string) {
  await signIn(page);
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await untilLive(page);
}

/** Waits until the page is interactive. Earlier clicks have no effect. */
export async function untilLive(page: Page) {
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
}

/** Sends events with the session of the signed-in user. */
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

/** Returns a unique text that starts with `prefix`. */
export function unique(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Returns the width in pixels by which the page exceeds its window. */
export function horizontalOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/**
 * Locates the page's own alerts. Excludes the banner of incidents, which invalid events of other tests cause, and
 * the element in which Next.js announces page titles to screen readers.
 */
export function alertOf(page: Page) {
  return page.locator('[role="alert"]:not(#__next-route-announcer__):not([data-testid="incident"] *)');
}
