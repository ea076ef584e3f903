import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { handleAuth } from "./auth";
import { authenticate } from "./authenticate";
import { deleteExpired } from "./housekeeping";
import { createUser, ensureFirstAdmin } from "./users";

const PASSWORD = "correct horse battery";
const ORIGIN = "http://127.0.0.1:3000";

let test: TestContext;
let now = new Date("2026-01-01T00:00:00Z");

beforeAll(async () => {
  test = await createTestContext({ env: { ADMIN_PASSWORD: PASSWORD }, overrides: { now: () => now } });
  await ensureFirstAdmin(test.context);
  await createUser(test.context, { email: "Op@Example.com", password: PASSWORD, role: "operator" });
});
afterAll(() => test.close());
beforeEach(() => {
  // Later than any window of the previous test.
  now = new Date(now.getTime() + 3600_000);
});

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const request = new Request(`${ORIGIN}/api/auth${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ORIGIN, "x-forwarded-for": "192.0.2.1", ...headers },
    body: JSON.stringify(body),
  });
  return handleAuth(test.context, request);
}

const signIn = (email: string, password: string, from = "192.0.2.1") =>
  post("/sign-in/email", { email, password }, { "x-forwarded-for": from });

const cookieOf = (response: Response) => response.headers.get("set-cookie")?.split(";")[0] ?? "";
/** The cookies that a browser which signed in before sends after its session ended. */
const knownCookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((text) => text.split(";")[0] ?? "")
    .find((text) => text.includes("known-browser")) ?? "";

describe("signing in", () => {
  it("succeeds for the first administrator, admin@localhost included, with an HttpOnly cookie and no token in the body", async () => {
    const response = await signIn("admin@localhost", PASSWORD);
    expect(response.status).toBe(200);
    const cookie = response.headers.get("set-cookie");
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).not.toMatch(/Secure/);
    const token = decodeURIComponent(cookieOf(response).split("=")[1] ?? "").split(".")[0] ?? "";
    expect(token).not.toBe("");
    expect(await response.text()).not.toContain(token);
    const principal = await authenticate(test.context, new Headers({ cookie: cookieOf(response) }));
    expect(principal).toMatchObject({ kind: "user", name: "admin@localhost", role: "admin" });
  });

  it("succeeds for all users who sign in at the same moment, also for a new address and account", async () => {
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => signIn("op@example.com", PASSWORD, "192.0.2.77")),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const sessions = await Promise.all(
      responses.map((response) => authenticate(test.context, new Headers({ cookie: cookieOf(response) }))),
    );
    expect(new Set(responses.map(cookieOf)).size).toBe(8);
    expect(sessions.every((principal) => principal?.name === "op@example.com")).toBe(true);
  });

  it("accepts the email in any case", async () => {
    expect((await signIn("OP@example.COM", PASSWORD)).status).toBe(200);
  });

  it("marks the cookie Secure under https", async () => {
    const { config } = test.context;
    const secure = { ...test.context, config: { ...config, appUrl: "https://logs.example.com" } };
    const request = new Request("https://logs.example.com/api/auth/sign-in/email", {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://logs.example.com" },
      body: JSON.stringify({ email: "admin@localhost", password: PASSWORD }),
    });
    expect((await handleAuth(secure, request)).headers.get("set-cookie")).toMatch(/Secure/);
  });

  it("ends the session on sign-out", async () => {
    const cookie = cookieOf(await signIn("admin@localhost", PASSWORD));
    expect((await post("/sign-out", {}, { cookie })).status).toBe(200);
    expect(await authenticate(test.context, new Headers({ cookie }))).toBeNull();
  });

  it("answers a wrong password and an unknown address identically", async () => {
    const wrong = await signIn("admin@localhost", "not the password");
    const unknown = await signIn("nobody@localhost", "not the password");
    expect([wrong.status, await wrong.text()]).toEqual([unknown.status, await unknown.text()]);
    expect(wrong.status).toBe(401);
  });

  it("rejects a forged session cookie", async () => {
    const cookie = cookieOf(await signIn("admin@localhost", PASSWORD));
    const forged = cookie.replace(/=(.)/, (_, first: string) => `=${first === "a" ? "b" : "a"}`);
    expect(await authenticate(test.context, new Headers({ cookie: forged }))).toBeNull();
  });

  it("rejects a sign-in sent by another site's page", async () => {
    const body = { email: "admin@localhost", password: PASSWORD };
    expect((await post("/sign-in/email", body, { origin: "https://evil.example" })).status).toBe(403);
  });
});

describe("a session", () => {
  const at = async <T>(days: number, work: () => Promise<T>): Promise<T> => {
    vi.useFakeTimers({ toFake: ["Date"], now: now.getTime() + days * 86_400_000 });
    try {
      return await work();
    } finally {
      vi.useRealTimers();
    }
  };

  it.each([-30, 8, 200])("is not ended or extended by a process whose clock differs by %i days", async (days) => {
    const response = await at(days, () => signIn("admin@localhost", PASSWORD));
    const read = () => authenticate(test.context, new Headers({ cookie: cookieOf(response) }));
    expect(await at(days, read)).not.toBeNull();
    expect(await at(-days, read)).not.toBeNull();
    const signedInAt = now.getTime();
    now = new Date(signedInAt + 7 * 86_400_000 - 1_000);
    expect(await at(days, read)).not.toBeNull();
    now = new Date(signedInAt + 7 * 86_400_000 + 1_000);
    expect(await at(days, read)).toBeNull();
    expect(await at(-days, read)).toBeNull();
  });

  it("that is not remembered ends after a day", async () => {
    const body = { email: "admin@localhost", password: PASSWORD, rememberMe: false };
    const headers = new Headers({ cookie: cookieOf(await post("/sign-in/email", body)) });
    now = new Date(now.getTime() + 86_400_000 - 1_000);
    expect(await authenticate(test.context, headers)).not.toBeNull();
    now = new Date(now.getTime() + 2_000);
    expect(await authenticate(test.context, headers)).toBeNull();
  });
});

describe("guessing passwords", () => {
  it("ends with 429 and Retry-After for an account and an address, without blocking users elsewhere", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const email = i % 2 ? "op@example.com" : "OP@EXAMPLE.COM";
      statuses.push((await signIn(email, "wrong password", "198.51.100.7")).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const limited = await signIn("op@example.com", PASSWORD, "198.51.100.7");
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await signIn("op@example.com", PASSWORD, "203.0.113.9")).status).toBe(200);

    now = new Date(now.getTime() + Number(limited.headers.get("retry-after")) * 1000);
    expect((await signIn("op@example.com", PASSWORD, "198.51.100.7")).status).toBe(200);
  });

  it("counts the addresses of one IPv6 /64 as one", async () => {
    const attempts = Array.from({ length: 10 }, (_, i) =>
      signIn("op@example.com", "wrong password", `2001:db8:7::${i + 1}`),
    );
    await Promise.all(attempts);
    expect((await signIn("op@example.com", PASSWORD, "2001:db8:7::ffff")).status).toBe(429);
    expect((await signIn("op@example.com", PASSWORD, "2001:db8:7:1::1")).status).toBe(200);
  });

  it("from many addresses at one account ends too, except for a browser that signed in before", async () => {
    const cookie = knownCookieOf(await signIn("op@example.com", PASSWORD, "203.0.113.9"));
    expect(cookie).not.toBe("");
    await signIn("op@example.com", "wrong password", "198.51.0.1");
    // Simulates 94 more attempts from other addresses.
    await test.context.db.sql`
      update rate_limit set count = 95 where key like 'sign-in:account:%' and key not like '%address%'`;
    const attempts = Array.from({ length: 6 }, (_, i) =>
      signIn("op@example.com", "wrong password", `198.51.${i + 1}.1`),
    );
    const statuses = (await Promise.all(attempts)).map((response) => response.status).sort();
    expect(statuses).toEqual([...Array(5).fill(401), 429]);
    expect((await signIn("op@example.com", PASSWORD, "203.0.113.9")).status).toBe(429);
    const known = { cookie, "x-forwarded-for": "198.51.1.1" };
    const body = { email: "op@example.com", password: PASSWORD };
    expect((await post("/sign-in/email", body, known)).status).toBe(200);
  });

  it("by strangers behind the same address does not lock out a known browser, whose own attempts are limited", async () => {
    const cookie = knownCookieOf(await signIn("op@example.com", PASSWORD));
    await Promise.all(Array.from({ length: 11 }, () => signIn("op@example.com", "wrong password")));
    expect((await signIn("op@example.com", PASSWORD)).status).toBe(429);
    const withCookie = (password: string, sent = cookie, email = "op@example.com") =>
      post("/sign-in/email", { email, password }, { cookie: sent });
    expect((await withCookie(PASSWORD)).status).toBe(200);
    await Promise.all(Array.from({ length: 20 }, (_, i) => signIn(`user${i}@example.com`, "wrong password")));
    expect((await withCookie(PASSWORD)).status).toBe(200);
    // It is valid for one account, cannot be changed, and expires.
    expect((await withCookie(PASSWORD, cookie, "admin@localhost")).status).toBe(429);
    expect((await withCookie(PASSWORD, `${cookie.slice(0, -5)}AAAAA`)).status).toBe(429);
    await Promise.all(Array.from({ length: 10 }, () => withCookie("wrong password")));
    expect((await withCookie(PASSWORD)).status).toBe(429);
  });

  it("ends with 429 for one address, whatever number of accounts, and does not affect other addresses", async () => {
    const attempts = Array.from({ length: 31 }, (_, i) =>
      signIn(`user${i}@example.com`, "wrong password", "198.51.100.200"),
    );
    const statuses = (await Promise.all(attempts)).map((response) => response.status).sort();
    expect(statuses).toEqual([...Array(30).fill(401), 429]);
    expect((await signIn("admin@localhost", PASSWORD, "198.51.100.201")).status).toBe(200);
  });

  it("does not count against users who know the password", async () => {
    for (let i = 0; i < 12; i++) expect((await signIn("admin@localhost", PASSWORD)).status).toBe(200);
  });
});

describe("other better-auth endpoints", () => {
  it.each(["/get-session", "/list-sessions", "/token", "/ok", "/error"])("are closed: %s returns 404", async (path) => {
    const cookie = cookieOf(await signIn("admin@localhost", PASSWORD));
    const response = await handleAuth(test.context, new Request(`${ORIGIN}/api/auth${path}`, { headers: { cookie } }));
    expect(response.status).toBe(404);
  });
});

describe("sign-up", () => {
  it.each(["/sign-up/email", "/sign-in/social", "/update-user", "/change-email", "/link-social"])(
    "is closed: %s returns 404",
    async (path) => {
      const body = { email: "new@example.com", password: PASSWORD, name: "new", role: "admin" };
      expect((await post(path, body)).status).toBe(404);
    },
  );
});

describe("housekeeping", () => {
  it("deletes expired sessions and attempts, and no others", async () => {
    const { sql } = test.context.db;
    const stored = async () => {
      await deleteExpired(test.context);
      return await sql`select (select count(*)::int from session) as sessions, count(*)::int as attempts from rate_limit`;
    };
    await sql`truncate session, rate_limit`;
    await signIn("op@example.com", PASSWORD);
    await signIn("nobody@example.com", PASSWORD);
    expect(await stored()).toEqual([{ sessions: 1, attempts: 4 }]);
    now = new Date(now.getTime() + 11 * 60_000);
    expect(await stored()).toEqual([{ sessions: 1, attempts: 0 }]);
    now = new Date("2100-01-01T00:00:00Z");
    expect(await stored()).toEqual([{ sessions: 0, attempts: 0 }]);
  });
});
