import { expect, test } from "@playwright/test";
import { incidentOf } from "../server/testing/explore/incidents";
import { openSignedIn, sendEvents, unique } from "./product";

const HOUR_MS = 3_600_000;

test("A question is asked in a sentence, followed to its rows, and stays in the URL", async ({ page }) => {
  const mark = unique("explore");
  await openSignedIn(page, "/explore");
  const request = (path: string, status_code: number, region: string | null) => ({
    ip_address: "192.0.2.9",
    request_path: `/${mark}/${path}`,
    status_code,
    ...(region === null ? {} : { region }),
  });
  await sendEvents(
    page,
    "access-logs",
    [request("a", 500, "Bayern"), request("a", 200, "Bayern"), request("b", 500, null), request("b", 500, "=1+1")],
    "direct",
  );

  await page.goto(`/explore?request_path=/${mark}/*`);
  await page.getByRole("button", { name: /^Groups:/ }).click();
  await page.getByRole("combobox", { name: "Group by" }).fill("region");
  await page.keyboard.press("Enter");
  await expect.poll(() => new URL(page.url()).searchParams.get("by")).toBe("region");

  const table = page.getByRole("table", { name: "Count" });
  await expect(table.getByRole("row", { name: /^Bayern 2 50%/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /^Total 4/ })).toBeVisible();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "CSV" }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  expect(text).toContain("region,count\r\n");
  expect(text).toContain("\r\n'=1+1,1\r\n");

  await page.goBack();
  await expect(page.getByRole("button", { name: "Groups: group by…" })).toBeVisible();
  await page.goForward();

  await table.getByRole("button", { name: "Bayern" }).press("Enter");
  await page.getByRole("menuitem", { name: "Open rows" }).click();
  await expect(page).toHaveURL(/\/logs\/access-logs\?/);
  await expect(page.getByRole("cell", { name: `/${mark}/a` })).toHaveCount(2);
  await expect(page.getByRole("cell", { name: `/${mark}/b` })).toHaveCount(0);
});

test("A spike is selected in the histogram and explained: its cause is first, with exactly its rows", async ({
  page,
}) => {
  // Three digits in a segment of a path would be a token.
  const mark = unique("spike").replaceAll(/\d/g, "x");
  const parts = 6;
  const { rows, causes } = incidentOf("route", "visits", 7, parts);
  const cause = causes[0]?.value ?? "";
  const start = (Math.floor(Date.now() / HOUR_MS) - 3) * HOUR_MS;
  const events = rows.flatMap(({ values, period, status, time }, index) => {
    if (period > parts) return [];
    // Evenly spread over the hour of the spike, and over the parts of the hour before.
    const place = (index * 0.618) % 1;
    const at = period === 0 ? start + place * HOUR_MS : start - HOUR_MS + ((period - 1 + place) / parts) * HOUR_MS;
    const { ip_address, request_path, user_id, region, browser } = values;
    return {
      ...{ ip_address, user_id, region, browser, status_code: status, response_time: time },
      ...{ request_path: `/${mark}${request_path}`, created_at: new Date(at).toISOString() },
    };
  });
  await openSignedIn(page, "/logs/access-logs");
  await sendEvents(page, "access-logs", events, "direct");

  const [from, to] = [start - HOUR_MS, start + 2 * HOUR_MS - 1_000].map((time) => new Date(time).toISOString());
  await page.goto(
    `/logs/access-logs?${new URLSearchParams({ request_path: `/${mark}/*`, start: `${from}`, end: `${to}` })}`,
  );
  await expect(page.getByTestId("histogram-total")).toHaveText(`${events.length.toLocaleString("en")} events`);
  const box = await page.getByTestId("histogram-plot").boundingBox();
  if (!box) throw new Error("the histogram has no place");
  await page.mouse.move(box.x + box.width / 3 + 1, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + (box.width * 2) / 3 - 1, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await page.getByRole("menuitem", { name: "What changed here?" }).click();

  const first = page.getByRole("list", { name: "Causes, best explanation first" }).getByRole("listitem").first();
  await expect(first).toContainText(`Route /${mark}${cause}`);
  await expect(first).toContainText("of server errors (5xx)");
  await page.reload();
  await expect(first).toContainText(`Route /${mark}${cause}`);
  const [, count = ""] = /Now\s*([\d,]+) rows/.exec(await first.innerText()) ?? [];
  await first.getByRole("link", { name: "Show rows" }).click();
  await expect(page).not.toHaveURL(/changes=/);
  await expect(page.getByTestId("histogram-total")).toHaveText(`${count} events`);
});
