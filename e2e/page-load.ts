import type { Browser, BrowserContext, Page, Request } from "@playwright/test";

/** What a page costs when it is opened with empty caches. Sizes are bytes as transferred, times are milliseconds. */
export interface PageLoad {
  readonly scripts: number;
  readonly styles: number;
  readonly html: number;
  /** Answers of the product's own interface. */
  readonly data: number;
  readonly requests: number;
  readonly largestPaint: number;
  readonly layoutShift: number;
  readonly longestTask: number;
  readonly nodes: number;
  /** What the page reported as wrong, such as a message that it was not sent. */
  readonly errors: readonly string[];
}

interface Observed {
  largestPaint: number;
  layoutShift: number;
  longestTask: number;
}

/** Opens a page in a context of its own, with empty caches, and waits until `settled` resolves. */
export async function loadPage(
  browser: Browser,
  url: string,
  cookies: Awaited<ReturnType<BrowserContext["cookies"]>>,
  settled: (page: Page) => Promise<void>,
  slowdown = 1,
): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: "en-US" });
  await context.addCookies(cookies);
  const page = await context.newPage();
  if (slowdown > 1) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  }
  const requests: Request[] = [];
  const bytes = { scripts: 0, styles: 0, html: 0, data: 0 };
  const finished: Promise<void>[] = [];
  const errors: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  page.on("pageerror", (error) => void errors.push(String(error)));
  page.on("request", (request) => void requests.push(request));
  page.on("requestfinished", (request) => {
    const add = async () => {
      const size = (await request.sizes()).responseBodySize;
      const kind = kindOf(request);
      if (kind) bytes[kind] += size;
    };
    finished.push(add());
  });
  await page.addInitScript(observe);
  await page.goto(url);
  await settled(page);
  await Promise.all(finished);
  const observed = await page.evaluate(() => (window as unknown as { observed: Observed }).observed);
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  await context.close();
  return { ...bytes, requests: requests.length, nodes, errors, ...observed };
}

function kindOf(request: Request): "scripts" | "styles" | "html" | "data" | undefined {
  if (request.url().includes("/api/trpc/")) return "data";
  switch (request.resourceType()) {
    case "script":
      return "scripts";
    case "stylesheet":
      return "styles";
    case "document":
      return "html";
    default:
      return undefined;
  }
}

/** Runs in the page, before its scripts. */
function observe() {
  const observed: Observed = { largestPaint: 0, layoutShift: 0, longestTask: 0 };
  Object.assign(window, { observed });
  for (const type of ["largest-contentful-paint", "layout-shift", "longtask"]) {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (type === "longtask") observed.longestTask = Math.max(observed.longestTask, entry.duration);
        else if (type === "layout-shift") observed.layoutShift += (entry as PerformanceEntry & { value: number }).value;
        else observed.largestPaint = entry.startTime;
      }
    }).observe({ type, buffered: true });
  }
}
