import postgres from "postgres";
import { startSettings } from "./connection-settings";
import { openClient } from "./connection-url";
import { SQLSTATE } from "./sqlstate";

/**
 * Client-side deadlines. The patched postgres.js (patches/) drops a connection on which a response is due and no byte
 * arrived for `silence_timeout`, unless `onsilence` finds that its backend is active. Long statements therefore
 * continue, while an unresponsive server or network fails within seconds. Decision 0009.
 */

/** With the check below this is 8 seconds, half of the promised maximum response time. */
const POOL_SILENCE_SECONDS = 4;
const LONG_WORK_SILENCE_SECONDS = 15;
const CHECK_SECONDS = 2;
/** Limit of consecutive checks that can only establish that the server responds. */
const MAX_UNCLEAR_CHECKS = 15;

type SilenceOptions = Pick<postgres.Options<Record<string, never>>, "silence_timeout" | "onsilence">;

/**
 * Returns the deadlines for statements of requests and batches.
 * @param url of PostgreSQL itself
 */
export function poolDeadlines(url: string): SilenceOptions {
  return deadlines(url, POOL_SILENCE_SECONDS);
}

/**
 * Returns the deadlines for statements that take hours. They limit the time without a sign of activity, not the
 * duration.
 */
export function longWorkDeadlines(url: string): SilenceOptions {
  return deadlines(url, LONG_WORK_SILENCE_SECONDS);
}

function deadlines(url: string, seconds: number): SilenceOptions {
  return { silence_timeout: seconds, onsilence: (pid, count) => isWorking(url, pid, count <= MAX_UNCLEAR_CHECKS) };
}

/**
 * Checks on a new connection, because existing ones may be unresponsive.
 * @param pid of the backend; null while a pooler has not assigned one: then it is unresponsive or exhausted; 0 if unknown
 * @param resultIfUnknown the result if the server responds but does not report the backend
 */
async function isWorking(url: string, pid: number | null, resultIfUnknown: boolean): Promise<boolean> {
  if (pid === null) return false;
  const sql = openClient(url, {
    max: 1,
    connect_timeout: CHECK_SECONDS,
    silence_timeout: CHECK_SECONDS,
    fetch_types: false,
    onnotice: () => {},
    connection: startSettings("batch-console check of a silent connection"),
  });
  try {
    const answer = await sql<{ own: number; working: boolean | null }[]>`
      select
        pg_backend_pid() as own,
        (
          select state = 'active' and wait_event_type is distinct from 'Client'
          from pg_stat_activity
          where pid = ${pid}
        ) as working`;
    // A pooler returns its own process IDs.
    if (pid === 0 || answer[0]?.own !== answer.state.pid) return resultIfUnknown;
    return answer[0]?.working ?? false;
  } catch (error) {
    return resultIfUnknown && error instanceof postgres.PostgresError && error.code === SQLSTATE.tooManyConnections;
  } finally {
    await sql.end({ timeout: 0 });
  }
}
