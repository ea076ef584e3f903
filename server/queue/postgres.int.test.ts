import { describe } from "vitest";
import { createTestDatabase } from "@/server/testing/database";
import { promiseOfEveryQueue } from "./conformance";
import { createPostgresQueue } from "./postgres";

describe("the queue in PostgreSQL", () => {
  promiseOfEveryQueue(async () => {
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
