import { expect, type Page, test } from "@playwright/test";
import { openSignedIn, sendEvents, unique } from "./product";

const PATH = "/logs/access-logs";

const entry = (page: Page) => page.locator("#log-filter");
const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

async function type(page: Page, text: string) {
  await entry(page).focus();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

test("Filters are added by keyboard, changed and removed as chips", { tag: "@phone" }, async ({ page }) => {
  const mark = unique("chips");
  await openSignedIn(page, PATH);
  await sendEvents(
    page,
    "access-logs",
    [200, 404, 500].map((status_code) => ({
      ip_address: "192.0.2.9",
      request_path: `/${mark}/${status_code}`,
      status_code,
    })),
    "direct",
  );

  await type(page, `path:/${mark}/*`);
  for (const status of [200, 404, 500]) {
    await expect(page.getByRole("cell", { name: `/${mark}/${status}` })).toBeVisible();
  }
  // Type the column, operator and value one after another.
  await type(page, "status");
  await expect(entry(page)).toHaveAccessibleName("Status: operator");
  await type(page, "is not");
  await type(page, "200");
  await expect.poll(() => parameters(page)).toMatchObject({ not_status_code: "200", request_path: `/${mark}/*` });
  await expect(page.getByRole("cell", { name: `/${mark}/200` })).toHaveCount(0);
  await expect(page.getByRole("cell", { name: `/${mark}/404` })).toBeVisible();

  await page.getByRole("button", { name: "Edit filter: Status is not 200" }).click();
  await entry(page).fill("4xx");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("cell", { name: `/${mark}/404` })).toHaveCount(0);
  await expect(page.getByRole("cell", { name: `/${mark}/500` })).toBeVisible();

  await page.getByRole("button", { name: "Remove filter: Status is not 4xx" }).click();
  await expect(page.getByRole("cell", { name: `/${mark}/404` })).toBeVisible();
  await page.getByRole("button", { name: "Clear all" }).click();
  await expect.poll(() => parameters(page)).toEqual({});
});

test("An invalid filter is reported before it is sent, and remains editable", async ({ page }) => {
  await openSignedIn(page, PATH);
  await type(page, "ip:10.0.0");
  await expect(page.getByText("Must be an IP address or CIDR block")).toBeVisible();
  expect(parameters(page)).toEqual({});
  await page.keyboard.type(".0/8");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Edit filter: IP address in 10.0.0.0/8" })).toBeVisible();
});

test("Words are searched in all fields and JSON values, highlighted, and combined with other filters", {
  tag: "@phone",
}, async ({ page }) => {
  const mark = unique("search");
  await openSignedIn(page, "/logs/user-activities");
  const event = (n: number, details: object) => ({ user_id: `${mark}-${n}`, action: "支付", details });
  const cases = [{ 案号: "（2024）京01民终123号", total: 5 }, { note: "Refund failed", total: 7 }, {}];
  await sendEvents(
    page,
    "user-activities",
    cases.map((details, n) => event(n, details)),
    "direct",
  );
  const row = (n: number) => page.getByRole("cell", { name: `${mark}-${n}` });

  await type(page, `user:${mark}-*`);
  await expect.poll(() => parameters(page)).toMatchObject({ filter: `user_id:${mark}-*` });
  await type(page, "民终123");
  await expect(row(1)).toHaveCount(0);
  await expect(row(0)).toBeVisible();
  await expect(page.getByRole("button", { name: "Edit filter: Contains 民终123" })).toBeVisible();
  const highlighted = () => page.evaluate(() => [...(CSS.highlights.get("searched-text") ?? [])].map(String));
  await expect.poll(highlighted).toEqual(["民终123"]);

  await page.getByRole("button", { name: "Edit filter: Contains 民终123" }).click();
  await entry(page).fill("refund or details.total > 6");
  await page.keyboard.press("Enter");
  await expect(row(0)).toHaveCount(0);
  await expect(row(1)).toBeVisible();

  await row(1).click();
  await page.getByRole("button", { name: "Filter for: Details, total" }).click();
  await expect.poll(() => parameters(page).filter).toContain("details.total:7");

  // An invalid expression is reported before it is sent.
  await page.keyboard.press("Escape");
  // The closed drawer returns the focus to its row.
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest("tr") != null)).toBe(true);
  await type(page, "(refund or");
  await expect(page.getByRole("alert").filter({ hasText: "At the end of the expression" })).toBeVisible();
  expect(parameters(page).filter).not.toContain("(refund or details.total > 6) (");
});

test("The time range can be narrowed on the histogram by dragging or by keyboard", async ({ page }) => {
  const mark = unique("drag");
  await openSignedIn(page, PATH);
  const hours = Array.from({ length: 24 }, (_, hour) => ({
    ip_address: "192.0.2.9",
    request_path: `/${mark}/${hour}`,
    created_at: `2026-01-05T${String(hour).padStart(2, "0")}:30:00+08:00`,
  }));
  await sendEvents(page, "access-logs", hours, "direct");
  await page.goto(`${PATH}?request_path=/${mark}/*&start=2026-01-05&end=2026-01-05`);
  await expect(page.getByTestId("histogram-total")).toHaveText("24 events");

  const plot = page.getByTestId("histogram-plot");
  const box = await plot.boundingBox();
  if (!box) throw new Error("the histogram has no place");
  const at = (hour: number) => box.x + (box.width * hour) / 24;
  await page.mouse.move(at(6.2), box.y + 20);
  await page.mouse.down();
  await page.mouse.move(at(11.8), box.y + 20, { steps: 4 });
  await page.mouse.up();
  await page.getByRole("menuitem", { name: "Zoom in" }).click();
  await expect
    .poll(() => parameters(page))
    .toMatchObject({ start: "2026-01-05T06:00:00", end: "2026-01-05T11:59:59", request_path: `/${mark}/*` });
  await expect(page.getByTestId("histogram-total")).toHaveText("6 events");

  await page.goBack();
  await expect(page.getByTestId("histogram-total")).toHaveText("24 events");
  await plot.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await expect(plot).toHaveAttribute("aria-valuetext", "2026-01-05 00:00 to 2026-01-06 00:00: 24 events");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Zoom in" }).press("Enter");
  await expect.poll(() => parameters(page)).toMatchObject({ start: "2026-01-05T00:00:00" });

  await page.getByRole("button", { name: "Show as table" }).click();
  await expect(page.getByRole("columnheader", { name: "All" })).toBeVisible();
});

test("A view is saved, opened, deleted and restored", async ({ page }) => {
  const name = unique("view");
  // A unique search, because the button shows the name of an existing view with the same search.
  await openSignedIn(page, `${PATH}?city=in-${name}`);
  await page.getByRole("button", { name: "Saved views" }).click();
  await page.getByLabel("Save current view as").fill(name);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(`View “${name}” saved`)).toBeVisible();

  await page.getByRole("button", { name: "Clear all" }).click();
  await page.getByRole("button", { name: "Saved views" }).click();
  await page.getByRole("list", { name: "Saved views" }).getByRole("button", { name, exact: true }).click();
  await expect.poll(() => parameters(page)).toMatchObject({ city: `in-${name}` });
  await expect(page.getByRole("list", { name: "Saved views" })).toBeHidden();

  await page.getByRole("button", { name, exact: true }).click();
  await page.getByRole("button", { name: `Actions for “${name}”` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByText(`View “${name}” deleted`)).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name, exact: true })).toBeVisible();
});

test("An invalid time is reported; a valid one becomes the range", async ({ page }) => {
  await openSignedIn(page, PATH);
  await page.getByRole("button", { name: "Last 24 hours" }).click();
  await page.getByLabel("From", { exact: true }).fill("soon");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Invalid time.")).toBeVisible();
  await page.getByLabel("From", { exact: true }).fill("2026-01-05 8:00");
  await page.getByLabel("To", { exact: true }).fill("9:30");
  await page.keyboard.press("Enter");
  await expect.poll(() => parameters(page)).toMatchObject({ start: "2026-01-05T08:00", end: "2026-01-05T09:30" });
});

test("Members of JSON columns, derived fields and their values are suggested under the current filters", async ({
  page,
}) => {
  const mark = unique("suggest");
  await openSignedIn(page, "/logs/user-activities");
  const details = (n: number) => ({ [`key ${mark}`]: `value ${n}`, [`other ${mark}`]: n });
  await sendEvents(
    page,
    "user-activities",
    [0, 1, 2].map((n) => ({ user_id: `${mark}-${n % 2}`, action: "open", details: details(n) })),
    "direct",
  );
  await type(page, `user:${mark}-0`);
  await entry(page).fill(`key ${mark}`);
  await page.getByRole("option", { name: `details."key ${mark}"` }).click();
  await expect(entry(page)).toHaveValue(`details."key ${mark}":`);
  // Those of the other user are not suggested.
  await expect(page.getByRole("option", { name: /^value/ })).toHaveText([/^value 0/, /^value 2/]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(
    page.getByRole("button", { name: `details."key ${mark}":"value 2"`, exact: false }).first(),
  ).toBeVisible();
  await expect(page.getByText("1 event", { exact: true }).first()).toBeVisible();

  await page.goto("/logs/access-logs");
  await sendEvents(
    page,
    "access-logs",
    [1, 2].map((n) => ({ ip_address: "192.0.2.9", request_path: `/${mark}/${n}/x` })),
    "direct",
  );
  await type(page, `path:/${mark}/*`);
  await entry(page).fill("route:");
  await expect(page.getByRole("listbox").getByRole("option").first()).toHaveText(/^\/.*\/:id\/x/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("cell", { name: `/${mark}/2/x` })).toBeVisible();
});
