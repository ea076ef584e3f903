import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";

/** Any number, as long as every process of this product uses the same. */
const PRESENCE_LOCK = 7_120_520;
/** A process that just ended leaves its connections open for an instant. */
const LINGER_MS = 2_000;

/** Our sign on the server that we use it: a connection that stays open and holds a shared lock. */
export interface Presence {
  /** Takes the sign away. @returns whether nobody else uses the server */
  leave(): Promise<boolean>;
}

/**
 * @param url of the maintenance database: advisory locks are one database's
 * @param onLost called when the connection ends without `leave`
 * @throws when the server does not answer
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
    await sql`select pg_advisory_lock_shared(${PRESENCE_LOCK})`;
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
        return await isLastOne(sql);
      } catch {
        return false;
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
  };
}

async function isLastOne(sql: postgres.Sql): Promise<boolean> {
  await sql`select pg_advisory_unlock_shared(${PRESENCE_LOCK})`;
  const [lock] = await sql<{ alone: boolean }[]>`select pg_try_advisory_lock(${PRESENCE_LOCK}) as alone`;
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
