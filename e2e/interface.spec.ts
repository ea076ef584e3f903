import { expect, test } from "@playwright/test";
import { horizontalOverflow, openSignedIn, PAGES } from "./product";

test("The interface is available in Chinese and English", async ({ page }) => {
  await openSignedIn(page, "/queues");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitemradio", { name: "简体中文" }).click();
  await expect(page.getByRole("heading", { name: "队列", exact: true })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");

  await page.goto("/dead-letters");
  await expect(page.getByRole("heading", { name: "死信", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "语言" }).click();
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Dead letters", exact: true })).toBeVisible();
});

test.describe("in a browser that prefers Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("The interface is Chinese from the first page", async ({ page }) => {
    await page.goto("/login");
    await expect(page.getByRole("button", { name: "登录" })).toBeVisible();
  });
});

test("The choice of light or dark mode persists", async ({ page }) => {
  await openSignedIn(page, "/settings/account");
  await page.getByRole("button", { name: "Appearance" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test.describe("on a small phone in dark mode", () => {
  test.use({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });

  test("Every page works at 390 px in dark mode", async ({ page }) => {
    await openSignedIn(page, "/settings/account");
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
    const navigation = page.getByRole("navigation", { name: "Pages" });
    await page.getByRole("button", { name: "Open navigation" }).click();
    await expect(navigation).toBeVisible();
    const links = await navigation
      .getByRole("link")
      .evaluateAll((found) => found.map((link) => ({ path: link.getAttribute("href"), text: link.textContent ?? "" })));
    expect(links.map(({ path }) => path)).toEqual(expect.arrayContaining(PAGES));
    for (const [index, { path, text }] of links.entries()) {
      if (index > 0) await page.getByRole("button", { name: "Open navigation" }).click();
      await navigation.locator(`a[href="${path}"]`).click();
      await expect(page).toHaveURL(new RegExp(`${path}$`));
      // A link may contain a count after its name.
      const heading = page.getByRole("heading", { level: 1 });
      await expect(heading).toHaveText(new RegExp(`^${text.replace(/\d[\d,+]*$/, "")}$`));
      expect(await horizontalOverflow(page), text).toBe(0);
    }
  });
});

test("In a low window, the navigation can be scrolled to its last page", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 480 });
  await openSignedIn(page, "/settings/account");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Audit log" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Audit log" })).toBeVisible();
});

test("An unknown URL shows an error page", async ({ page }) => {
  await openSignedIn(page, "/logs/nothing");
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  await page.getByRole("link", { name: "Go to Overview" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});

test("The command palette opens pages, users, addresses, rows and actions by keyboard", async ({ page }) => {
  await openSignedIn(page, "/");
  const palette = page.getByRole("dialog", { name: "Command palette" });
  const run = async (text: string) => {
    await page.keyboard.press("Control+k");
    await palette.getByRole("combobox", { name: "Command palette" }).fill(text);
    await page.keyboard.press("Enter");
    await expect(palette).toHaveCount(0);
  };
  const button = page.getByRole("button", { name: "Search Ctrl K" });
  await button.press("Enter");
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette).toHaveCount(0);
  await expect(button).toBeFocused();
  await run("dead");
  await expect(page).toHaveURL(/\/dead-letters$/);
  await run("203.0.113.9");
  await expect(page).toHaveURL(/\/timeline\?ip_address=203\.0\.113\.9/);
  await run("DingTalk");
  await expect(page).toHaveURL(/\/alerts$/);
  await run("case 17");
  await expect(page).toHaveURL(/\/logs\/access-logs\?filter=%22case(\+|%20)17%22&range=all/);
  await run("appearance: dark");
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});
