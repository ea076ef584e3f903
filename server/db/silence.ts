import postgres from "postgres";
import { startSettings } from "./connection-settings";
import { SQLSTATE } from "./sqlstate";

/**
 * Client-side deadlines. postgres.js (patches/) drops a connection that owes an answer and brought no byte of it for
 * `silence_timeout`, unless `onsilence` finds its backend at work. So a long statement goes on, and a server or network
 * that hangs costs seconds. Decision 0009.
 */

/** Together with the check below 8 seconds, half of what a caller is promised. */
const POOL_SILENCE_SECONDS = 4;
const LONG_WORK_SILENCE_SECONDS = 15;
const CHECK_SECONDS = 2;
/** Where a check can see no more than that the server answers. */
const MAX_UNCLEAR_CHECKS = 15;

type SilenceOptions = Pick<postgres.Options<Record<string, never>>, "silence_timeout" | "onsilence">;

/** For statements that somebody waits for. */
export function poolDeadlines(url: string): SilenceOptions {
  return deadlines(url, POOL_SILENCE_SECONDS);
}

/** For work of hours: the deadline is for a sign of life, not for the whole. */
export function longWorkDeadlines(url: string): SilenceOptions {
  return deadlines(url, LONG_WORK_SILENCE_SECONDS);
}

function deadlines(url: string, seconds: number): SilenceOptions {
  return { silence_timeout: seconds, onsilence: (pid, count) => isWorking(url, pid, count <= MAX_UNCLEAR_CHECKS) };
}

/**
 * Asks on a new connection, because the old ones may be what hangs.
 * @param unclear the answer where the server answers but shows nothing of the backend
 */
async function isWorking(url: string, pid: number, unclear: boolean): Promise<boolean> {
  const sql = postgres(url, {
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
    // A pooler gives numbers of its own.
    if (answer[0]?.own !== answer.state.pid) return unclear;
    return answer[0]?.working ?? false;
  } catch (error) {
    return unclear && error instanceof postgres.PostgresError && error.code === SQLSTATE.tooManyConnections;
  } finally {
    await sql.end({ timeout: 0 });
  }
}
