import { describe, expect, test, vi } from "vitest";
import { createTestDatabase } from "@/server/testing/database";
import { setPaused, testLogQueue } from "./conformance";
import { createPostgresQueue } from "./postgres";

describe("the queue in PostgreSQL", () => {
  testLogQueue(async () => {
    const database = await createTestDatabase();
    const queue = createPostgresQueue({ db: database.db });
    return {
      queue,
      database,
      close: async () => {
        await queue.close();
        await database.drop();
      },
    };
  });
});

test("events pushed after a pause are not delivered, even to a consumer that is already taking events", async () => {
  const { db, drop } = await createTestDatabase();
  const queue = createPostgresQueue({ db });
  const handled: string[] = [];
  const nothing = { length: 0, inFlight: [] };
  let isOpen = true;
  const consume = async () => {
    while (isOpen) {
      await queue.consume(
        "access_logs",
        { events: 10, bytes: 1_000 },
        async (claim) => void handled.push(...claim.payloads),
      );
    }
  };
  const consumers = [consume(), consume()];
  try {
    for (let round = 1; round <= 30; round++) {
      await setPaused(db.sql, true);
      await queue.push("access_logs", [`${round}`]);
      expect(await queue.depth("access_logs")).toMatchObject({ length: 1, inFlight: [] });
      expect(handled).toHaveLength(round - 1);
      await setPaused(db.sql, false);
      await vi.waitFor(async () => expect(await queue.depth("access_logs")).toMatchObject(nothing), {
        timeout: 60_000,
        interval: 1,
      });
      expect(handled).toHaveLength(round);
    }
  } finally {
    isOpen = false;
    await Promise.all(consumers);
    await drop();
  }
});
