import type { Page } from "playwright";
import { loadPage, type PageLoad } from "@/e2e/page-load";
import { SIGNED_IN } from "@/e2e/pages";
import { median, print } from "./harness";

const REPETITIONS = 3;
const BARS = { scripts: 220_000, largestPaint: 300, layoutShift: 0.03, longestTask: 200, nodes: 2_500 };

type Figure = Exclude<keyof PageLoad, "errors">;

/**
 * Opens each page of a running console with empty caches and prints what it costs: `ADMIN_EMAIL=… ADMIN_PASSWORD=… npm
 * run bench -- page-load http://127.0.0.1:3000`. SLOWDOWN=4 measures with a quarter of the processor.
 */
export async function benchPageLoad(): Promise<void> {
  const url = process.argv[3] ?? "http://127.0.0.1:3000";
  const only = process.argv.slice(4);
  const slowdown = Number(process.env.SLOWDOWN ?? 1);
  const { chromium } = await import("playwright");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const context = await browser.newContext({ baseURL: url });
    const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = process.env;
    const answer = await context.request.post("/api/auth/sign-in/email", { data: { email, password } });
    if (!answer.ok()) throw new Error(`Not signed in: ${answer.status()}`);
    const cookies = await context.cookies();
    print("page                        JS kB  CSS kB HTML kB data kB requests   LCP   CLS  task  nodes");
    for (const path of only.length > 0 ? only : ["/nothing-here", ...SIGNED_IN]) {
      const loads: PageLoad[] = [];
      for (let round = 0; round < REPETITIONS; round++) {
        loads.push(await loadPage(browser, `${url}${path}`, cookies, settled, slowdown));
      }
      print(row(path, loads));
    }
  } finally {
    await browser.close();
  }
}

async function settled(page: Page): Promise<void> {
  if ((await page.locator("main h1").count()) === 0) await page.waitForTimeout(500);
  await page.waitForTimeout(1_500);
}

function row(path: string, loads: readonly PageLoad[]): string {
  const of = (name: Figure) => median(loads.map((load) => load[name]));
  const kb = (name: Figure) => (of(name) / 1_000).toFixed(1);
  const cells: [string, number][] = [
    [kb("scripts"), 6],
    [kb("styles"), 8],
    [kb("html"), 8],
    [kb("data"), 8],
    [`${of("requests")}`, 9],
    [of("largestPaint").toFixed(0), 6],
    [of("layoutShift").toFixed(3), 6],
    [of("longestTask").toFixed(0), 6],
    [`${of("nodes")}`, 7],
  ];
  const missed = Object.entries(BARS).filter(([name, bar]) => of(name as Figure) > bar);
  const errors = new Set(loads.flatMap((load) => load.errors));
  return `${path.padEnd(27)}${cells.map(([text, width]) => text.padStart(width)).join("")}  ${missed.map(([name]) => name).join(" ")}${[...errors].map((error) => `\n    ${error.slice(0, 300)}`).join("")}`;
}
