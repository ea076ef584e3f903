import { StartError } from "@/server/process/start-error";
import type { Sql } from "./client";
import { openClient, separateSettings } from "./connection-url";
import { makePrologue } from "./prologue";

const APPLICATION = "batch-console check of the pooler";
const TIMEOUT_SECONDS = 5;
/** Logins of all connections at once may take seconds on a busy machine. */
const CAPACITY_TIMEOUT_SECONDS = 8;

/**
 * Returns whether a connection pooler answers at `url`: it reports other process IDs at the start of a connection than
 * PostgreSQL.
 */
export async function isPooler(url: string): Promise<boolean> {
  const sql = openProbe(url, 1);
  try {
    const answer = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    return answer[0]?.pid !== answer.state.pid;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/**
 * Checks that a pooler serves as many clients at once as the pools of this process have connections. A pooler in session
 * mode gives each client a connection to PostgreSQL of its own, and the others wait.
 * @throws StartError with a line for the user
 */
export async function requirePoolerCapacity(url: string, connections: number): Promise<void> {
  const sql = openProbe(url, connections, CAPACITY_TIMEOUT_SECONDS);
  try {
    const outcomes = await Promise.allSettled(Array.from({ length: connections }, () => sql`select`));
    const served = outcomes.filter(({ status }) => status === "fulfilled").length;
    if (served === connections) return;
    throw new StartError(
      `The pooler in DATABASE_URL serves only ${served} of the ${connections} connections of this process. Set pool_mode to transaction in PgBouncer, or raise default_pool_size and max_client_conn, or lower DATABASE_POOL_SIZE, DATABASE_READ_POOL_SIZE and DATABASE_INTAKE_POOL_SIZE.`,
      { cause: outcomes.find(({ status }) => status === "rejected") },
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function openProbe(url: string, max: number, timeout = TIMEOUT_SECONDS) {
  return openClient(separateSettings(url).url, probeOptions(max, timeout));
}

function probeOptions(max: number, timeout = TIMEOUT_SECONDS) {
  return {
    max,
    max_pipeline: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: timeout,
    silence_timeout: timeout,
    onnotice: () => {},
    connection: { application_name: APPLICATION },
  };
}

/**
 * Checks that statements find the same tables through both URLs: the same database, schema and role, with the settings
 * in each URL.
 * @throws StartError with a line for the user
 */
export async function requireSameDatabase(poolerUrl: string, directUrl: string): Promise<void> {
  const { url, settings } = separateSettings(poolerUrl);
  const [pooled, direct] = await Promise.all([
    identityOf(
      openClient(url, { ...probeOptions(1), ...makePrologue({ application_name: APPLICATION, ...settings }) }),
    ),
    identityOf(openClient(directUrl, probeOptions(1))),
  ]);
  const both = "DATABASE_URL and DATABASE_DIRECT_URL";
  if (pooled.database !== direct.database) {
    throw new StartError(`${both} lead to different databases. Set both to the same one.`);
  }
  if (pooled.role !== direct.role) {
    throw new StartError(`${both} use different roles, ${pooled.role} and ${direct.role}. Use the same role in both.`);
  }
  if (pooled.schema !== direct.schema) {
    throw new StartError(
      `${both} use different schemas, ${pooled.schema} and ${direct.schema}. Set the same search_path in both.`,
    );
  }
}

interface Identity {
  readonly database: string;
  readonly role: string;
  readonly schema: string;
}

async function identityOf(sql: Sql): Promise<Identity | Record<string, never>> {
  try {
    const [row] = await sql<Identity[]>`
      select
        concat_ws(' ', current_database(), pg_postmaster_start_time()) as database,
        current_user::text as role,
        coalesce(current_schema()::text, '(none)') as schema`;
    return row ?? {};
  } finally {
    await sql.end({ timeout: 1 });
  }
}
