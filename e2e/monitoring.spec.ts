import { expect, type Page, test } from "@playwright/test";
import { horizontalOverflow, ORIGIN, openSignedIn, sendEvents, unique } from "./product";

const PHONE = { tag: "@phone" };

test("The overview shows traffic as charts and tables, and can be zoomed by mouse and keyboard", async ({ page }) => {
  // Traffic counting is limited to a sixtieth of the CPU time and can lag minutes behind after a cleanup of months.
  test.slow();
  const loaded = watchWeight(page);
  await openSignedIn(page, "/?range=1h");
  await expect(page.getByTestId("status").getByText(/^checked at/)).toBeVisible();
  expect(loaded.prefetched).toEqual([]);
  expect(loaded.bytes()).toBeLessThan(60_000);
  const path = `/${unique("overview")}`;
  await sendEvents(
    page,
    "access-logs",
    Array.from({ length: 40 }, () => ({
      ip_address: "192.0.2.1",
      request_path: path,
      response_time: 250,
      created_at: new Date().toISOString(),
    })),
    "direct",
  );
  const paths = page.getByRole("region", { name: "Top paths" });
  await expect(paths.getByRole("link", { name: path })).toBeVisible({ timeout: 150_000 });
  await expect(paths.getByRole("row", { name: path })).toContainText("250 ms");

  expect(await horizontalOverflow(page)).toBe(0);
  await expectLightPage(page);
  const requests = page.getByRole("region", { name: "Requests by status" });
  await expect(requests.getByRole("img", { name: "Requests by status" })).toBeVisible();
  await requests.getByRole("button", { name: "Show as table" }).click();
  await requests
    .getByRole("button", { name: /^Zoom in to/ })
    .first()
    .press("Enter");
  await expect(page).toHaveURL(/start=.*end=/);
  await page.goBack();
  await expect(page).toHaveURL(/range=1h/);
  await paths.getByRole("link", { name: path }).click();
  await expect(page).toHaveURL(/\/logs\/access-logs\?.*request_path=/);
});

/** The data that a page requests from now on, and the pages that it prefetches. */
function watchWeight(page: Page) {
  const prefetched: string[] = [];
  let bytes = 0;
  page.on("request", (request) => void (request.url().includes("_rsc=") && prefetched.push(request.url())));
  page.on("requestfinished", async (request) => {
    const isData = request.url().includes("/api/trpc/") && !request.url().includes("queues.watch");
    if (isData) bytes += (await request.sizes().catch(() => ({ responseBodySize: 0 }))).responseBodySize;
  });
  return { prefetched, bytes: () => bytes };
}

/** Status comes first, then traffic, then operations; charts are few elements with bars that can be seen. */
async function expectLightPage(page: Page) {
  const tops = await Promise.all(
    [
      page.getByTestId("status"),
      page.getByRole("heading", { name: "Traffic", exact: true }),
      page.getByRole("heading", { name: "Operations", exact: true }),
    ].map(async (part) => (await part.boundingBox())?.y ?? Number.NaN),
  );
  expect(tops).toEqual(tops.toSorted((a, b) => a - b));
  expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(2_500);
  for (const range of ["1h", "24h", "7d", "30d", "90d", "all"]) {
    const bounds = range === "all" ? null : { from: Date.now() - hoursOf(range) * 3_600_000, to: Date.now() };
    const answer = await page.request.get(
      `/api/trpc/overview.traffic?input=${encodeURIComponent(JSON.stringify(bounds))}`,
    );
    const { result } = await answer.json();
    expect([range, result.data.points.length <= 64], range).toEqual([range, true]);
    expect((await answer.body()).length, range).toBeLessThan(40_000);
  }
}

function hoursOf(range: string): number {
  return Number.parseInt(range, 10) * (range.endsWith("d") ? 24 : 1);
}

async function acknowledgeOthers(page: Page, rule: string) {
  const alerts = "/api/v1/batch-processing/alerts";
  const { items } = await (await page.request.get(`${alerts}?state=firing`)).json();
  for (const alert of items.filter((alert: { rule: string }) => alert.rule !== rule)) {
    await page.request.post(`${alerts}/${alert.id}/acknowledge`, { headers: { origin: ORIGIN } });
  }
}

test("A firing alert is shown on every page until it is acknowledged, and in the history after it is resolved", async ({
  page,
}) => {
  await openSignedIn(page, "/alerts");
  const name = "High queue latency";
  const rule = page.locator('tr[data-rule="oldest_event"]');
  const edit = () => page.getByRole("button", { name: `Edit: ${name}` }).click();
  const dialog = page.getByRole("dialog");
  const queue = async (action: "pause" | "resume") => {
    const answer = await page.request.post(`/api/v1/batch-processing/queues/user_activities/${action}`, {
      headers: { origin: ORIGIN },
    });
    expect(answer.ok()).toBe(true);
  };
  await edit();
  await dialog.getByRole("textbox").fill("0.02");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(rule).toContainText("1.2 s");
  await queue("pause");
  // A worker that has not noticed the pause yet may store the first events; those of the last attempt remain queued.
  await expect(async () => {
    await sendEvents(page, "user-activities", [{ user_id: unique("user"), action: "login" }]);
    const status = await (await page.request.get("/api/v1/batch-processing/queue-status")).json();
    expect(status.queues.user_activities.queue_length).toBeGreaterThan(1);
  }).toPass({ intervals: [1_500] });

  await page.goto("/tables");
  const banner = page.getByTestId("incident");
  // Invalid events of other tests fire alerts that may be listed first.
  await expect(async () => {
    await acknowledgeOthers(page, "oldest_event");
    await expect(banner).toContainText("oldest event is", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await banner.getByRole("link", { name: "View alerts" }).click();
  const open = page.getByTestId("open-alerts").locator('[data-rule="oldest_event"]');
  await open.getByRole("button", { name: "Acknowledge" }).click();
  await expect(open.getByText(/Acknowledged by/)).toBeVisible();
  await queue("resume");

  const toggle = rule.getByRole("switch", { name });
  await toggle.click({ force: true });
  await expect(open).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("region", { name: "History" }).getByText(name).first()).toBeVisible();
  await toggle.click({ force: true });
  await expect(toggle).toBeChecked();
  await edit();
  await dialog.getByRole("button", { name: /Reset to default/ }).click();
  await expect(rule).toContainText("5 min");
});

test(
  "A webhook to a private address is rejected with the reason; testing an unreachable one reports the failure",
  PHONE,
  async ({ page }) => {
    await openSignedIn(page, "/alerts");
    await page.getByRole("button", { name: "Add channel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Inside");
    await dialog.getByLabel("URL").fill("http://169.254.169.254/latest");
    await dialog.getByRole("button", { name: "Add channel" }).click();
    await expect(dialog.getByText(/private address/)).toBeVisible();

    const name = unique("Nowhere");
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByLabel("URL").fill("https://webhook.invalid/hook?token=secret-token");
    await dialog.getByRole("button", { name: "Add channel" }).click();
    await expect(dialog).toHaveCount(0);
    const webhook = page.getByTestId("webhook").filter({ hasText: name });
    await expect(webhook).toContainText("No messages sent");
    await webhook.getByRole("button", { name: "Send test" }).click();
    await expect(page.getByText("Test message not delivered")).toBeVisible();
    await expect(webhook).toContainText("Failed:");
    await webhook.getByRole("button", { name: `Edit: ${name}` }).click();
    await expect(dialog.getByLabel("URL")).toHaveValue("");
    await dialog.getByLabel("Service").selectOption("Slack");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(webhook).toContainText("Slack");
    await expect(webhook).toContainText("webhook.invalid");
    await expect(page.locator("body")).not.toContainText("secret-token");
    expect(await horizontalOverflow(page)).toBe(0);
    await webhook.getByRole("button", { name: `Remove: ${name}` }).click();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await expect(webhook).toHaveCount(0);
  },
);

test("The tables page shows partitions, indexes and advice, and fits the window", PHONE, async ({ page }) => {
  await openSignedIn(page, "/tables");
  const table = page.getByRole("region", { name: "Access logs", exact: true });
  await expect(table.getByText("access_logs_pkey")).toBeVisible();
  await expect(table.getByRole("heading", { name: /partitions/ })).toBeVisible();
  expect(await horizontalOverflow(page)).toBe(0);
});
