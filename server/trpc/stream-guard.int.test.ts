import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { COMMAND_LINE, provideContext, type Role } from "@/server/process/context";
import { changeRole, createUser, disableUser, handleAuth } from "@/server/services/accounts";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { createTrpcContext } from "./init";
import { openStreams } from "./open-streams";
import { appRouter } from "./root";

const ORIGIN = "http://127.0.0.1:3000";
const PASSWORD = "correct horse battery";

let opened: TestContext;

beforeAll(async () => {
  opened = await createTestContext();
  provideContext(opened.context);
  // The product always has an administrator.
  await createUser(opened.context, { email: "admin@example.com", password: PASSWORD, role: "admin" });
});
afterAll(() => opened?.close());
// Only the check that runs every ten seconds; everything else uses the real clock.
beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => vi.useRealTimers());

async function signedIn(name: string, role: Role) {
  const email = `${name}@example.com`;
  const { id } = await createUser(opened.context, { email, password: PASSWORD, role });
  const request = new Request(`${ORIGIN}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ORIGIN },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const response = await handleAuth(opened.context, request);
  return { id, cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

/** Opens the live tail like the user's browser. */
async function openTail(cookie: string, stop = new AbortController()) {
  const input = encodeURIComponent(JSON.stringify({ table: "access_logs" }));
  const req = new Request(`${ORIGIN}/api/trpc/logs.tail?input=${input}`, {
    headers: { accept: "text/event-stream", cookie },
    signal: stop.signal,
  });
  const response = await fetchRequestHandler({
    endpoint: "/api/trpc",
    req,
    router: appRouter,
    createContext: () => createTrpcContext(req.headers),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error("no stream");
  let text = "";
  /** Returns the text received up to `part`, or up to the stream's end. */
  const read = async (part?: string) => {
    while (part === undefined || !text.includes(part)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    return text;
  };
  return { read, close: () => stop.abort() };
}

const insert = (request_path: string) =>
  insertAccessLogs(opened.context, [{ ip_address: "203.0.113.7", request_path, created_at: new Date().toISOString() }]);

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

test("A live tail is disconnected within seconds after its reader is demoted, and is masked after it reconnects", async () => {
  const { id, cookie } = await signedIn("demoted", "operator");
  const tail = await openTail(cookie);
  await tail.read('"rows":[]');
  await insert("/while-operator");
  expect(await tail.read("/while-operator")).toContain("203.0.113.7");
  await changeRole(opened.context, id, "viewer", COMMAND_LINE);
  await seconds(10);
  // Neither a normal end nor an error: after either, the browser would not reconnect.
  expect(await tail.read()).not.toMatch(/event: (return|serialized-error)/);

  const again = await openTail(cookie);
  await again.read('"rows":[]');
  await insert("/while-viewer");
  expect(await again.read("/while-viewer")).not.toContain("203.0.113.7");
  again.close();
});

test("A live tail is disconnected within seconds after its reader is disabled, and cannot reconnect", async () => {
  const { id, cookie } = await signedIn("disabled", "operator");
  const tail = await openTail(cookie);
  await tail.read('"rows":[]');
  await disableUser(opened.context, id, COMMAND_LINE);
  await seconds(10);
  await tail.read();
  const again = await openTail(cookie);
  expect(await again.read()).toContain('"httpStatus":401');
});

test("A user can have five live streams; a sixth is refused until one is closed, and other users are not affected", async () => {
  const { cookie } = await signedIn("many", "viewer");
  const other = await signedIn("other", "viewer");
  const tails = await Promise.all(Array.from({ length: 5 }, () => openTail(cookie)));
  for (const tail of tails) await tail.read('"rows":[]');
  expect(await (await openTail(cookie)).read()).toContain('"httpStatus":429');
  const another = await openTail(other.cookie);
  await another.read('"rows":[]');
  another.close();
  tails[0]?.close();
  vi.useRealTimers();
  await vi.waitFor(
    async () => {
      const sixth = await openTail(cookie);
      const text = await sixth.read('"rows":[]');
      sixth.close();
      expect(text).not.toContain("429");
    },
    { timeout: 60_000 },
  );
  for (const tail of tails) tail.close();
});

test("Pages left before their streams start do not count towards the limit", async () => {
  const { id, cookie } = await signedIn("hasty", "viewer");
  for (let left = 0; left < 10; left++) {
    const stop = new AbortController();
    const opening = openTail(cookie, stop).catch(() => {});
    // Before or during authentication.
    if (left % 2 === 0) await Promise.resolve();
    stop.abort();
    await opening;
  }
  const viewer = { kind: "user", id, name: "hasty", role: "viewer" } as const;
  vi.useRealTimers();
  await vi.waitFor(() => expect(openStreams(viewer)).toBe(0), { timeout: 60_000 });
});

test("A live tail continues while its reader's permissions are unchanged", async () => {
  const { cookie } = await signedIn("same", "viewer");
  const tail = await openTail(cookie);
  await tail.read('"rows":[]');
  await seconds(60);
  await insert("/still-there");
  expect(await tail.read("/still-there")).toContain("/still-there");
  tail.close();
});
