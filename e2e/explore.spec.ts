import { expect, test } from "@playwright/test";
import { openSignedIn, sendEvents, unique } from "./product";

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
  await page.getByRole("textbox", { name: "Group by" }).fill("region");
  await page.keyboard.press("Enter");
  await expect.poll(() => new URL(page.url()).searchParams.get("by")).toBe("region");

  const table = page.getByRole("table", { name: "Count" });
  await expect(table.getByRole("row", { name: /^Bayern 2 50%/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /^Total 4/ })).toBeVisible();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
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
