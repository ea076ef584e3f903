import { expect, type Page, test } from "@playwright/test";
import { openSignedIn, unique } from "./product";

async function dropFile(page: Page, name: string, content: string | Buffer) {
  const transfer = await page.evaluateHandle(
    ([fileName, bytes]) => {
      const data = new DataTransfer();
      const file = new File([new Uint8Array(bytes)], fileName, {
        type: "text/plain",
        lastModified: Date.UTC(2026, 0, 1),
      });
      data.items.add(file);
      return data;
    },
    [name, [...Buffer.from(content)]] as const,
  );
  await page.getByTestId("drop-zone").dispatchEvent("drop", { dataTransfer: transfer });
}

test("A dropped log file becomes rows; its invalid line becomes a dead letter that can be edited and replayed", async ({
  page,
}) => {
  const mark = unique("import");
  const line = (path: string) =>
    `198.51.100.4 - - [22/Nov/2026:10:00:00 +0800] "GET /${mark}/${path} HTTP/1.1" 200 12 "-" "${mark}"`;
  const bad = line("bad").slice(0, -1);
  await openSignedIn(page, "/imports");

  await dropFile(page, "access.log", `${line("one")}\n${bad}\n${line("two")}\n`);
  await expect(page.getByText("1 line invalid")).toBeVisible();
  await expect(page.getByRole("cell", { name: `/${mark}/one` })).toBeVisible();
  await page.getByRole("button", { name: "Import", exact: true }).click();

  const result = page.getByTestId("import-result");
  await expect(result.getByRole("heading", { name: "Import complete" })).toBeFocused();
  await expect(result.getByRole("row").filter({ hasText: "User agent" })).toContainText("2");
  await result.getByRole("link", { name: "Review dead letters" }).click();

  await page
    .getByRole("button")
    .filter({ hasText: `/${mark}/bad` })
    .click();
  const letter = page.getByRole("dialog");
  await expect(letter.getByLabel("Payload", { exact: true })).toHaveValue(bad);
  await letter.getByLabel("Payload", { exact: true }).fill(line("bad"));
  await letter.getByRole("button", { name: "Replay edited" }).click();
  await expect(page.getByText("1 replayed")).toBeVisible();
  await expect(page.getByRole("button").filter({ hasText: `/${mark}/bad` })).toHaveCount(0);

  await page.goto(`/logs/access-logs?request_path=/${mark}/*`);
  for (const path of ["one", "bad", "two"]) {
    await expect(page.getByRole("cell", { name: `/${mark}/${path}` })).toBeVisible();
  }
});

test("Importing the same file again adds no rows", { tag: "@phone" }, async ({ page }) => {
  const csv = `user_id,action,details\n${unique("user")},login,"{""a"":1}"\n${unique("user")},logout,\n`;
  await openSignedIn(page, "/imports");
  for (const expected of ["2", "0"]) {
    await dropFile(page, "activities.csv", csv);
    await expect(page.getByText("All lines valid")).toBeVisible();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await expect(page.getByTestId("import-result").getByTestId("figure-inserted")).toHaveText(expected);
    await page.getByRole("button", { name: "Import another file" }).click();
  }
});

test("An edited payload that is still invalid fails again with its reason", async ({ page }) => {
  const mark = unique("still");
  await openSignedIn(page, "/imports");
  await dropFile(page, "bad.ndjson", `{"user_id":"${mark}"}\n`);
  await page.getByRole("combobox", { name: "Target table" }).selectOption("User activities");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("link", { name: "Review dead letters" }).click();
  await page.getByRole("button").filter({ hasText: mark }).click();

  const letter = page.getByRole("dialog");
  await letter.getByLabel("Payload", { exact: true }).fill(`{"user_id":"${mark}","action":["a list"]}`);
  await letter.getByRole("button", { name: "Replay edited" }).click();
  await expect(page.getByText("1 failed again")).toBeVisible();
  await expect(letter).toContainText("action");

  await letter.getByRole("button", { name: "Discard" }).click();
  await page
    .getByRole("dialog", { name: /Discard 1/ })
    .getByRole("button", { name: "Discard" })
    .click();
  await expect(page.getByText("1 discarded")).toBeVisible();
});

test("A file in GBK is decoded correctly, and its import can be undone", { tag: "@phone" }, async ({ page }) => {
  const mark = unique("undo");
  // The city is 北京, encoded in GBK.
  const csv = Buffer.concat([
    Buffer.from(`ip_address,request_path,city\n198.51.100.4,/${mark},`),
    Buffer.from([0xb1, 0xb1, 0xbe, 0xa9, 0x0a]),
  ]);
  await openSignedIn(page, "/imports");
  await dropFile(page, `${mark}.csv`, csv);
  await expect(page.getByRole("combobox", { name: "Encoding" })).toHaveValue("gb18030");
  await expect(page.getByText("All lines valid")).toBeVisible();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByTestId("figure-inserted")).toHaveText("1");

  const item = page.locator("[data-import]").filter({ hasText: `${mark}.csv` });
  await expect(item).toContainText("1 received · 1 inserted");
  await item.getByRole("button", { name: "Undo" }).click();
  const question = page.getByRole("dialog", { name: `Undo the import of ${mark}.csv?` });
  await expect(question).toContainText("1 row inserted by this import");
  await question.getByRole("button", { name: "Delete rows" }).click();
  await expect(item).toContainText("1 removed");
  await expect(item).toHaveAttribute("data-status", "undone");
  await expect(item.getByRole("button")).toHaveCount(0);

  await page.goto(`/logs/access-logs?request_path=/${mark}`);
  await expect(page.getByText("No results")).toBeVisible();
});

test("A pasted log format shows the rows of a file, is saved under a name, and reads the file", async ({ page }) => {
  const mark = unique("map");
  const line = `198.51.100.4|2026-11-22T10:00:00+08:00|GET /${mark} HTTP/1.1|204|0.125\n`;
  await openSignedIn(page, "/imports");
  await dropFile(page, `${mark}.log`, line);
  await page.getByRole("combobox", { name: "Mapping" }).selectOption("Log format of the server");
  const format = page.getByLabel("Log format", { exact: true });
  await format.fill("$remote_addr$request");
  await expect(page.getByText(/^At character 13: “\$request”/)).toBeVisible();
  await format.fill("$remote_addr|$time_iso8601|$request|$status|$request_time");
  await expect(page.getByRole("cell", { name: `/${mark}` })).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill(mark);
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText(`${mark} saved as version 1`)).toBeVisible();

  await page.getByRole("combobox", { name: "Mapping" }).selectOption(`${mark} (v1)`);
  await expect(page.getByRole("cell", { name: `/${mark}` })).toBeVisible();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByTestId("figure-inserted")).toHaveText("1");
});
