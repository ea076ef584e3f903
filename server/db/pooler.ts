import { StartError } from "@/server/process/start-error";
import { openClient, separateSettings } from "./connection-url";

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
  return openClient(separateSettings(url).url, {
    max,
    max_pipeline: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: timeout,
    silence_timeout: timeout,
    onnotice: () => {},
    connection: { application_name: "batch-console check of the pooler" },
  });
}

/**
 * Checks that both URLs are of the same database.
 * @throws StartError with a line for the user
 */
export async function requireSameDatabase(poolerUrl: string, directUrl: string): Promise<void> {
  const [pooled, direct] = await Promise.all([poolerUrl, directUrl].map(identityOf));
  if (pooled === direct) return;
  throw new StartError("DATABASE_URL and DATABASE_DIRECT_URL lead to different databases. Set both to the same one.");
}

async function identityOf(url: string): Promise<string> {
  const sql = openProbe(url, 1);
  try {
    const [row] = await sql<{ identity: string }[]>`
      select concat_ws(' ', current_database(), pg_postmaster_start_time()) as identity`;
    return row?.identity ?? "";
  } finally {
    await sql.end({ timeout: 1 });
  }
}
