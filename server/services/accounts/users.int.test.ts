import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectDatabase } from "@/server/db/client";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { createUser, ensureFirstAdmin } from "./users";

let test: TestContext;
beforeAll(async () => {
  test = await createTestContext();
});
afterAll(() => test.close());

describe("the first administrator", () => {
  it("is created once when two processes start at the same moment", async () => {
    const other = connectDatabase(test.context.db.url, { applicationName: "other process", max: 2 });
    const results = await Promise.all([
      ensureFirstAdmin(test.context),
      ensureFirstAdmin({ ...test.context, db: other }),
    ]);
    await other.close();
    const credentials = results.filter((signIn) => signIn !== null);
    expect(credentials).toHaveLength(1);
    expect(credentials[0]).toMatchObject({ email: "admin@localhost", password: expect.stringMatching(/^.{23}$/) });
    expect(await ensureFirstAdmin(test.context)).toBeNull();
    expect(await test.context.db.sql`select role from "user"`).toEqual([{ role: "admin" }]);
  });
});

describe("creating a user", () => {
  it("rejects an email that is taken, in any case", async () => {
    const input = { email: "a@example.com", password: "long enough to be one", role: "viewer" } as const;
    await createUser(test.context, input);
    await expect(createUser(test.context, { ...input, email: "A@Example.com" })).rejects.toMatchObject({
      kind: "CONFLICT",
    });
  });

  it("reports every invalid field, and creates nothing", async () => {
    await expect(
      createUser(test.context, { email: "no address", password: "short", role: "viewer" }),
    ).rejects.toMatchObject({ kind: "UNPROCESSABLE", errors: [{ path: "email" }, { path: "password" }] });
    expect(await test.context.db.sql`select 1 from "user" where email like 'no%'`).toHaveLength(0);
  });

  it("stores no password in plain text", async () => {
    await createUser(test.context, { email: "b@example.com", password: "a password to look for", role: "viewer" });
    expect(await test.context.db.sql`select 1 from account where password like '%look for%'`).toHaveLength(0);
  });
});
