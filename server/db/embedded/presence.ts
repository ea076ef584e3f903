import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { LOCKS } from "../advisory-locks";

/** A process that has just exited leaves its connections open for a moment. */
const LINGER_MS = 2_000;

/** Marks the server as in use by this process: an open connection with a shared advisory lock. */
export interface Presence {
  /** Releases the lock. @returns whether no other process uses the server */
  leave(): Promise<boolean>;
}

/**
 * @param url of the maintenance database, because advisory locks are local to a database
 * @param onLost called when the connection ends without `leave`
 * @throws if the server does not respond
 */
export async function joinPresence(url: string, onLost: () => void): Promise<Presence> {
  let left = false;
  const sql = postgres(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 10,
    silence_timeout: 10,
    onnotice: () => {},
    connection: { application_name: "presence" },
    onclose: () => {
      if (left) return;
      left = true;
      void sql.end({ timeout: 0 });
      onLost();
    },
  });
  try {
    await sql`select pg_advisory_lock_shared(${LOCKS.presence}, 0)`;
  } catch (error) {
    left = true;
    await sql.end({ timeout: 0 });
    throw error;
  }
  return {
    leave: async () => {
      if (left) return false;
      left = true;
      try {
        return await isLastUser(sql);
      } catch {
        return false;
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
  };
}

async function isLastUser(sql: postgres.Sql): Promise<boolean> {
  await sql`select pg_advisory_unlock_shared(${LOCKS.presence}, 0)`;
  const [lock] = await sql<{ alone: boolean }[]>`select pg_try_advisory_lock(${LOCKS.presence}, 0) as alone`;
  if (!lock?.alone) return false;
  for (const end = Date.now() + LINGER_MS; ; ) {
    const [others] = await sql<{ count: number }[]>`
      select count(*)::int as count
      from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    if (others?.count === 0) return true;
    if (Date.now() > end) return false;
    await sleep(50);
  }
}
