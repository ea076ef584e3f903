import { type Browser, type Cookie, expect, type Page, test } from "@playwright/test";
import { loadPage, type PageLoad } from "./page-load";
import { SIGNED_IN } from "./pages";
import { ORIGIN, signIn, untilLive } from "./product";

/** Bytes of compressed scripts. */
const MAX_SCRIPTS = 310_000;
/** The pages with a filter bar. */
const MAX_SCRIPTS_OF_FILTERED = 360_000;
const FILTERED = ["/", "/logs/access-logs", "/logs/user-activities", "/audit", "/explore", "/exports"];
const MAX_REQUESTS = 50;
/** On an idle machine, that of the overview without rows is 0.037, and the others are below 0.03. */
const MAX_LAYOUT_SHIFT = 0.1;
/** How many times as long as a page without content the largest content may take. */
const MAX_PAINT = 10;
/** Other tests share the processor: a page that is too slow once is measured again. */
const ATTEMPTS = 4;

const BLANK = "/nothing-here";

async function load(browser: Browser, cookies: Cookie[], path: string): Promise<PageLoad> {
  return loadPage(browser, `${ORIGIN}${path}`, cookies, path === BLANK ? untilTitled : untilComplete);
}

async function untilTitled(page: Page) {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

async function untilComplete(page: Page) {
  await untilLive(page);
  await expect(page.locator("[aria-busy=true], .mantine-Skeleton-root")).toHaveCount(0);
}

/** What of a page is above its limit. */
function excess(path: string, page: PageLoad, blank: PageLoad): string[] {
  const limits = {
    "bytes of scripts": [page.scripts, FILTERED.includes(path) ? MAX_SCRIPTS_OF_FILTERED : MAX_SCRIPTS],
    requests: [page.requests, MAX_REQUESTS],
    "layout shift": [page.layoutShift, MAX_LAYOUT_SHIFT],
    "largest paint, times that of a blank page": [page.largestPaint / blank.largestPaint, MAX_PAINT],
    errors: [page.errors.length, 0],
  } as const;
  return Object.entries(limits).flatMap(([name, [value, max]]) =>
    value <= max ? [] : `${path}: ${name}: ${value}, at most ${max} ${page.errors.join(" ")}`,
  );
}

test("Every page is light, appears soon and does not move while it loads", async ({ browser, page }) => {
  test.setTimeout(300_000);
  await signIn(page);
  const cookies = await page.context().cookies();
  // The first page loads what the server has not compiled or read yet.
  await load(browser, cookies, BLANK);
  let blank = await load(browser, cookies, BLANK);
  for (const path of SIGNED_IN) {
    let found = excess(path, await load(browser, cookies, path), blank);
    for (let attempt = 1; found.length > 0 && attempt < ATTEMPTS; attempt++) {
      blank = await load(browser, cookies, BLANK);
      found = excess(path, await load(browser, cookies, path), blank);
    }
    expect.soft(found).toEqual([]);
  }
});
