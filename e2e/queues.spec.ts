import { expect, test } from "@playwright/test";
import { openSignedIn, sendEvents, unique } from "./product";

test("A queue can be paused and resumed", { tag: "@phone" }, async ({ page }) => {
  await openSignedIn(page, "/queues");
  const queue = page.getByRole("region", { name: "User activities" });
  await queue.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause queue" }).click();
  await expect(queue.getByTestId("paused-by")).toContainText(/Paused by .+ since/);
  await expect(page.getByTestId("queues-status")).toHaveText("Paused");

  const events = Array.from({ length: 7 }, () => ({ user_id: unique("user"), action: "login" }));
  await sendEvents(page, "user-activities", events);
  await expect(queue.getByTestId("figure-waiting")).toHaveText("7");

  await page.goto("/");
  const paused = page.getByTestId("open-alerts").locator('[data-paused="user_activities"]');
  await expect(paused).toContainText("7 events are waiting.");
  await expect(page.getByText("1 of 2 queues paused")).toBeVisible();
  await paused.getByRole("button", { name: "Resume" }).click();
  await expect(paused).toHaveCount(0);
  await page.goto("/queues");
  await expect(queue.getByText("Running")).toBeVisible();
  await expect(queue.getByTestId("figure-waiting")).toHaveText("0");
});

test("Every received event is accounted for, and the numbers are updated without a reload", async ({ page }) => {
  await openSignedIn(page, "/queues");
  const queue = page.getByRole("region", { name: "Access logs", exact: true });
  const received = queue.getByTestId("sum-received");
  const before = Number((await received.textContent())?.replaceAll(",", ""));
  await sendEvents(page, "access-logs", [
    { ip_address: "192.0.2.1", request_path: "/" },
    { ip_address: "192.0.2.1", request_path: "/", status_code: "abc" },
  ]);
  await expect(received).toHaveText((before + 2).toLocaleString("en-US"));
  await expect(queue.getByText("Balanced")).toBeVisible();
  await expect(page.getByRole("region", { name: "Workers" }).getByRole("row")).not.toHaveCount(1);
});

test("The chart can be shown as a table", async ({ page }) => {
  await openSignedIn(page, "/queues");
  const queue = page.getByRole("region", { name: "Access logs", exact: true });
  await expect(queue.getByRole("img", { name: /last 15 minutes/ })).toBeVisible();
  await queue.getByRole("button", { name: "Show as table" }).click();
  await expect(queue.getByRole("columnheader", { name: "Duplicates" })).toBeVisible();
});
