import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { IngestError, ingest } from "./ingest";

let opened: TestContext;
let server: TestPostgres;
beforeAll(async () => {
  opened = await createTestContext();
  server = await startPostgres();
  await migrateDatabase(server.url());
});
afterAll(async () => {
  await opened?.close();
  await server?.remove();
});

test("an intake that loses its database reports how much is stored, and completes when it is sent again", async () => {
  const db = connectDatabase(server.url(), { applicationName: "test", max: 3 });
  const lines = Array.from({ length: 8_000 }, (_, index) => `{"user_id":"${index}","action":"a"}\n`);
  const lastModified = new Date("2024-05-06T07:08:09Z");
  const options = { format: "ndjson", mode: "direct", source: "test", lastModified } as const;
  let stored = (_: unknown) => {};
  const firstStored = new Promise((resolve) => {
    stored = resolve;
  });
  async function* broken() {
    yield Buffer.from(lines.slice(0, 4_000).join(""));
    await firstStored;
    await server.stop("immediate");
    yield Buffer.from(lines.slice(4_000).join(""));
  }
  async function* whole() {
    yield Buffer.from(lines.join(""));
  }
  try {
    const failed = ingest({ ...opened.context, db }, "user_activities", broken(), { ...options, onProgress: stored });
    const error = await failed.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof IngestError)) throw error;
    expect(error).toMatchObject({ kind: "UNAVAILABLE", message: expect.stringMatching(/The first \d000 records/) });

    await server.start();
    const again = await ingest({ ...opened.context, db }, "user_activities", whole(), options);
    expect(again.inserted + again.duplicates).toBe(8_000);
    expect(again.duplicates).toBeGreaterThanOrEqual(error.taken.inserted);
  } finally {
    await db.close();
  }
});
