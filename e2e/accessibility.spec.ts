import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, expect, type Page, test } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { ORIGIN, PAGES, sendEvents, signIn, untilLive } from "./product";

const SIGNED_IN = [
  ...PAGES,
  "/audit",
  "/explore?group=route",
  "/settings/account",
  "/settings/api-keys",
  "/settings/privacy",
  "/settings/users",
];
const WIDTHS = [1440, 820, 390];
const LOCALES = ["en", "zh-CN"] as const;
const VIEWS = WIDTHS.flatMap((width) => LOCALES.map((locale) => ({ width, locale })));
const THEMES = ["light", "dark"] as const;
/** `AXE_VIEWS=all` checks every page in every width and language, instead of each page in one of them. */
const isComplete = process.env.AXE_VIEWS === "all";

/** The rules that the page violates in the theme, with the elements. */
async function violations(page: Page, theme: (typeof THEMES)[number]): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await page.evaluate((scheme) => {
    document.documentElement.dataset.mantineColorScheme = scheme;
  }, theme);
  const found = await page.evaluate<AxeResults>(async () => {
    // Colors in transitions are not those of the theme.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(transitions.map(({ finished }) => finished));
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    return axe.run(document, { resultTypes: ["violations"] });
  });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, target }) => `${theme} ${id}: ${target.join(" ")} ${html.slice(0, 200)}`),
  );
}

async function check(browser: Browser, paths: readonly string[], view: (typeof VIEWS)[number]): Promise<void> {
  const { width, locale } = view;
  const context = await browser.newContext({ baseURL: ORIGIN, viewport: { width, height: 900 }, locale });
  const page = await context.newPage();
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await signIn(page);
  for (const path of paths) {
    await page.goto(path);
    await untilLive(page);
    await expect(page.locator("[aria-busy=true], .mantine-Skeleton-root")).toHaveCount(0);
    // A policy of the page forbids scripts of other sources in it.
    await page.evaluate(axe);
    for (const theme of THEMES)
      expect.soft(await violations(page, theme), `${path} at ${width} px in ${locale}`).toEqual([]);
  }
  await context.close();
}

test("No page violates a rule of axe, in both themes, both languages and three widths", async ({ page, browser }) => {
  test.setTimeout(isComplete ? 900_000 : 120_000);
  await signIn(page);
  await sendEvents(page, "access-logs", [
    { request_path: "/cases/17", ip_address: "203.0.113.9", status_code: 502 },
    {},
  ]);
  for (const [index, view] of VIEWS.entries()) {
    const own = SIGNED_IN.filter((_, place) => isComplete || place % VIEWS.length === index);
    await check(browser, own, view);
  }
});
