import type { Logger } from "pino";
import type { Database } from "@/server/db/client";
import { countConnections, type PoolRole, type PoolSettings, poolSizes } from "@/server/db/pool-sizes";
import { StartError } from "./start-error";

/** Every process reports its clock each 15 seconds. */
const RECENT = "20 seconds";

const REMEDY =
  "Lower DATABASE_POOL_SIZE, DATABASE_READ_POOL_SIZE and DATABASE_INTAKE_POOL_SIZE, raise max_connections, or use PgBouncer.";

/**
 * Compares the connections that this process and the other running ones may open with the number that PostgreSQL
 * accepts. Other processes are assumed to have the same settings. Logs a warning if they may exceed it together.
 * @throws StartError if this process alone may exceed it
 */
export async function requireConnections(
  db: Database,
  { settings, role, log }: { settings: PoolSettings; role: PoolRole; log: Logger },
): Promise<void> {
  const [row] = await db.sql<{ accepted: number; processes: number; workers: number }[]>`
    select
      least(
        current_setting('max_connections')::int
          - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true)::int, 0),
        (select nullif(datconnlimit, -1) from pg_database where datname = current_database()),
        (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user)
      ) as accepted,
      (select count(*)::int from process_clocks where read_at > now() - ${RECENT}::interval) as processes,
      (select count(*)::int from workers where last_seen_at > now() - ${RECENT}::interval) as workers`;
  if (!row) return;
  const own = maxConnections(db, settings, role);
  if (own > row.accepted) {
    throw new StartError(
      `This process opens up to ${own} connections, but PostgreSQL accepts ${row.accepted} of its user. ${REMEDY}`,
    );
  }
  const webs = Math.max(row.processes - row.workers, 0);
  const total = own + webs * maxConnections(db, settings, "web") + row.workers * maxConnections(db, settings, "worker");
  if (role !== "cli" && total > row.accepted) {
    log.warn(
      { connections: total, accepted: row.accepted },
      `this process and the ${webs + row.workers} others that are running open up to ${total} connections, but PostgreSQL accepts ${row.accepted}. ${REMEDY}`,
    );
  }
}

/** The maximum number of connections to PostgreSQL itself; those through a pooler are not counted. */
function maxConnections(db: Database, settings: PoolSettings, role: PoolRole): number {
  const { pooled, direct } = countConnections(poolSizes(settings, role), role);
  return db.isPooled ? direct : pooled + direct;
}
