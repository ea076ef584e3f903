import { expect, test } from "@playwright/test";
import { ADMIN } from "../playwright.config";
import { openSignedIn } from "./product";

const API = "/api/v1/batch-processing";

test("A cookie is out of a page's reach, and worth nothing to another site or once it is changed", async ({
  page,
  request,
}) => {
  await openSignedIn(page, "/settings/account");
  const origin = new URL(page.url()).origin;
  expect(await page.evaluate(() => document.cookie)).not.toContain("session");
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name.includes("session"));
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  const cookie = `${session?.name}=${session?.value}`;
  const others: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin, "sec-fetch-site": "cross-site" },
    { origin, "sec-fetch-site": "same-site" },
    {},
  ];
  for (const headers of others) {
    const rest = await request.post(`${API}/queues/access_logs/pause`, { headers: { cookie, ...headers } });
    expect(rest.status(), JSON.stringify(headers)).toBe(403);
    const trpc = await request.post("/api/trpc/queues.setPaused", {
      data: { queue: "access_logs", paused: true },
      headers: { cookie, ...headers },
    });
    expect(trpc.status(), JSON.stringify(headers)).toBe(403);
  }
  const forged = `${session?.name}=${session?.value.slice(0, -6)}AAAAAA`;
  expect((await request.get(`${API}/jobs`, { headers: { cookie } })).status()).toBe(200);
  expect((await request.get(`${API}/jobs`, { headers: { cookie: forged } })).status()).toBe(401);
  // Fixation: the session that sign-in gives is never the one that was brought.
  const given = await request.post("/api/auth/sign-in/email", { data: ADMIN, headers: { cookie, origin } });
  expect(given.status()).toBe(200);
  expect(given.headers()["set-cookie"]).toContain("HttpOnly");
  expect(given.headers()["set-cookie"]).not.toContain(session?.value.slice(0, 20));
  for (const next of ["//evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:a=b"]) {
    const answer = await page.request.get(`/login?next=${encodeURIComponent(next)}`, { maxRedirects: 0 });
    expect(answer.headers()["set-cookie"] ?? "").not.toContain("a=b");
    const { location = "/" } = answer.headers();
    expect(new URL(location, origin).origin, next).toBe(origin);
  }
});
