import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys";
import { authenticate } from "./authenticate";

let test: TestContext;
let now = new Date("2026-01-01T00:00:00Z");
beforeAll(async () => {
  test = await createTestContext({ overrides: { now: () => now } });
});
afterAll(() => test.close());

const bearer = (key: string) => authenticate(test.context, new Headers({ authorization: `Bearer ${key}` }));

describe("an API key", () => {
  it("authenticates with its role, and is stored only as a hash", async () => {
    const { id, key } = await createApiKey(test.context, { name: "shipper", role: "operator" });
    expect(key).toMatch(/^lbk_[\w-]{43}$/);
    expect(await bearer(key)).toMatchObject({ kind: "api_key", id, name: "shipper", role: "operator" });
    const stored = await test.context.db.sql<{ text: string }[]>`select api_keys::text as text from api_keys`;
    expect(stored.map((row) => row.text).join()).not.toContain(key.slice(9));
    expect(JSON.stringify(await listApiKeys(test.context))).not.toContain(key.slice(9));
  });

  it("is rejected from the next request after it is revoked", async () => {
    const { id, key } = await createApiKey(test.context, { name: "to revoke", role: "viewer" });
    expect(await bearer(key)).not.toBeNull();
    await revokeApiKey(test.context, id);
    expect(await bearer(key)).toBeNull();
    await expect(revokeApiKey(test.context, id)).rejects.toMatchObject({ kind: "NOT_FOUND" });
  });

  it("is rejected after it expires", async () => {
    const { key } = await createApiKey(test.context, { name: "short-lived", role: "viewer", expires_days: 1 });
    now = new Date(now.getTime() + 86_399_000);
    expect(await bearer(key)).not.toBeNull();
    now = new Date(now.getTime() + 1_000);
    expect(await bearer(key)).toBeNull();
  });

  it.each(["", "x", "lbk_", `lbk_${"A".repeat(43)}`, "' or 1=1 --"])("is rejected when it is %j", async (key) => {
    expect(await bearer(key)).toBeNull();
  });

  it.each([0, 1.5, 3651])("cannot be created for %d days", async (expires_days) => {
    await expect(createApiKey(test.context, { name: "n", role: "viewer", expires_days })).rejects.toMatchObject({
      kind: "UNPROCESSABLE",
    });
  });

  it("shows its last use, written at most once a minute", async () => {
    const { id, key } = await createApiKey(test.context, { name: "used", role: "viewer" });
    const lastUsed = async () => (await listApiKeys(test.context)).find((row) => row.id === id)?.last_used_at ?? "";
    await bearer(key);
    await vi.waitFor(async () => expect(Date.parse(await lastUsed())).toBe(now.getTime()), { timeout: 60_000 });
    const first = now.getTime();
    now = new Date(first + 59_000);
    await bearer(key);
    now = new Date(first + 61_000);
    await bearer(key);
    await vi.waitFor(async () => expect(Date.parse(await lastUsed())).toBe(first + 61_000), { timeout: 60_000 });
  });
});
