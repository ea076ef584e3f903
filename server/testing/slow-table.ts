import { expect } from "vitest";
import type { Context } from "@/server/process/context";

/** Runs `work` while every statement that reads the access logs takes as long as there are rows. */
export async function whileSlow<T>({ db }: Context, work: () => Promise<T>): Promise<T> {
  await db.sql.unsafe(`
    alter table access_logs rename to fast_access_logs;
    create view access_logs as select * from fast_access_logs where pg_sleep(0.05) is not null`);
  try {
    return await work();
  } finally {
    await db.sql.unsafe("drop view access_logs; alter table fast_access_logs rename to access_logs");
  }
}

/** Waits until a number of statements read the slow table. */
export async function expectRunning({ db }: Context, condition: (running: number) => boolean): Promise<void> {
  const running = async () => {
    const [row] = await db.sql<{ count: number }[]>`
      select count(*)::int as count
      from pg_stat_activity
      where datname = current_database() and state = 'active' and wait_event = 'PgSleep'`;
    return condition(row?.count ?? 0);
  };
  // Less than the time limit of a statement.
  await expect.poll(running, { timeout: 8_000 }).toBe(true);
}
