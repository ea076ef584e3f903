import { LOG_TABLE_NAMES, logTables } from "@/server/catalog";
import { type ErrorValue, errorValue, parseErrorValue, parseStoredError } from "@/server/catalog/errors";
import type { QueueProblem } from "@/server/catalog/queue-problems";
import { listPartitions } from "@/server/db/partitions";
import { toErrorValue } from "@/server/lib/errors";
import { localMinute } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { disksInUse, fileStoreFailure } from "@/server/services/files";
import { clockReadings } from "@/server/services/health";
import { durationQuantiles, knownDisks, lastMinutes, type Quantile } from "@/server/services/metrics";
import { queueStatus } from "@/server/services/queues";
import type { QueueFigures } from "@/server/services/queues/contract";
import { listPolicies, retentionDays } from "@/server/services/retention-policies";
import { scheduledTasksStatus } from "@/server/services/schedules";
import type { Sample } from "./sample";

/** The inputs of all rules, read once per evaluation. */
export interface Facts {
  readonly queues: Readonly<
    Record<
      string,
      {
        readonly problem: QueueProblem | null;
        readonly refusal: string | null;
        /** Null while the queue store does not respond. */
        readonly length: number | null;
        readonly oldestAge: number | null;
        readonly stalledSeconds: number | null;
        /** In the last 5 minutes. */
        readonly processed: number;
        readonly dead: number;
        /** What keeps its events waiting, if known. */
        readonly cause: ErrorValue | null;
        /** The most frequent error of the latest dead letters in these minutes. */
        readonly rejectedFor: ErrorValue | null;
      }
    >
  >;
  readonly workers: number;
  readonly collectors: readonly {
    /** The machine and the port. */
    readonly subject: string;
    readonly isAlive: boolean;
    /** The local time of the last heartbeat. */
    readonly lastSeen: string;
  }[];
  /** Used share, by disk content. */
  readonly disks: readonly Sample[];
  readonly tasks: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly error: ErrorValue | null;
    readonly hasFailed: boolean;
    readonly isMissed: boolean;
    /** Seconds since a success of the task was due. */
    readonly overdue: number;
  }[];
  /** Seconds since the oldest remaining rows expired. */
  readonly overdueRetention: readonly Sample[];
  /** Start of the last successful cleanup by the policy, or by a longer retention, of each table. */
  readonly cleanedSince: Readonly<Record<string, Date>>;
  readonly damagedArchives: readonly { readonly id: string; readonly problem: ErrorValue }[];
  /** Number of disks with files of exports and archives. */
  readonly disksInUse: number;
  /** Why the file store is unavailable. */
  readonly fileStoreFailure: ErrorValue | null;
  /** Offsets of clocks from PostgreSQL's, in seconds. */
  readonly clocks: readonly Sample[];
  /** 95th percentiles of requests over 5 minutes. */
  readonly queryTimes: readonly Quantile[];
}

const WINDOW_MINUTES = 5;
/** A due task waits a second or two for a worker. */
const MISSED_AFTER_MS = 5 * 60_000;

/** Reads the inputs of the alert rules. @throws when PostgreSQL does not respond */
export async function readFacts(ctx: Context): Promise<Facts> {
  const [
    status,
    processed,
    disks,
    tasks,
    overdueRetention,
    cleanedSince,
    archives,
    times,
    clocks,
    stores,
    failure,
    rejections,
  ] = await Promise.all([
    queueStatus(ctx),
    ctx.db.sql<{ queue: string; processed: number; dead: number }[]>`
      select queue, sum(received)::float8 as processed, sum(greatest(dead, 0))::float8 as dead
      from intake_counters
      where bucket > now() - make_interval(mins => ${WINDOW_MINUTES})
      group by queue`,
    readDisks(ctx),
    scheduledTasksStatus(ctx),
    readOverdueRetention(ctx),
    readCleanedSince(ctx),
    ctx.db.sql<{ id: string; problem: unknown }[]>`
      select id, problem from archives where problem is not null and state <> 'expired' order by created_at limit 100`,
    durationQuantiles(ctx.db.sql, lastMinutes(ctx, WINDOW_MINUTES), 0.95),
    clockReadings(ctx),
    disksInUse(ctx.db.sql),
    fileStoreFailure(ctx),
    readRejections(ctx),
  ]);
  const now = ctx.now().getTime();
  return {
    queues: Object.fromEntries(
      LOG_TABLE_NAMES.map((name) => {
        const figures = status.queues[name];
        const { problem, refusal, queue_length: length, oldest_age_seconds: oldestAge } = figures;
        const { stalled_seconds: stalledSeconds } = figures;
        const { processed: all = 0, dead = 0 } = processed.find(({ queue }) => queue === name) ?? {};
        const cause = waitingFor(ctx, figures, status.workers.length);
        const rejectedFor = rejections.get(name) ?? null;
        return [
          name,
          { problem, refusal, length, oldestAge, stalledSeconds, processed: all, dead, cause, rejectedFor },
        ];
      }),
    ),
    workers: status.workers.length,
    collectors: status.collectors.map(({ host, port, is_alive: isAlive, last_seen_at }) => ({
      subject: `${host}:${port}`,
      isAlive,
      lastSeen: localMinute(last_seen_at, ctx.config.timeZone),
    })),
    disks,
    tasks: tasks.tasks.map(({ name, enabled, last_run, next_run_at, success_due_at }) => ({
      name,
      enabled,
      error: last_run?.error ?? null,
      hasFailed: enabled && last_run?.status === "failed",
      isMissed: enabled && next_run_at !== null && now - Date.parse(next_run_at) > MISSED_AFTER_MS,
      overdue: success_due_at === null ? 0 : Math.max(0, (now - Date.parse(success_due_at)) / 1_000),
    })),
    overdueRetention,
    cleanedSince,
    clocks: clocks.map(({ subject, seconds }) => ({ subject, value: seconds })),
    damagedArchives: archives.map(({ id, problem }) => ({ id, problem: parseErrorValue(problem) })),
    disksInUse: stores.length,
    fileStoreFailure: failure && toErrorValue(failure),
    // Excludes batches, questions that may read all rows, and calls that wait on purpose, such as for a job's end.
    queryTimes: times.filter(({ label }) => /^(?:trpc (?!explore\.)|rest GET )/.test(label)),
  };
}

/** Why the events of a queue wait, if it is not their number. */
function waitingFor(ctx: Context, { paused_at, paused_by }: QueueFigures, workers: number): ErrorValue | null {
  if (paused_at !== null) {
    return errorValue("alert.paused", { by: paused_by ?? "", since: localMinute(paused_at, ctx.config.timeZone) });
  }
  return workers === 0 ? errorValue("alert.no_worker", {}) : null;
}

/** The number of the latest dead letters of a queue whose errors are compared: a failing producer writes millions. */
const LATEST_REJECTIONS = 500;

/** Returns the most frequent error of the latest dead letters of each queue. */
async function readRejections(ctx: Context): Promise<Map<string, ErrorValue>> {
  const rows = await ctx.db.sql<{ queue: string; error: string }[]>`
    select queue, mode() within group (order by error) as error
    from unnest(${[...LOG_TABLE_NAMES]}::text[]) as queues (queue)
    cross join lateral (
      select error
      from dead_letters
      where dead_letters.queue = queues.queue and last_seen_at > now() - make_interval(mins => ${WINDOW_MINUTES})
      order by last_seen_at desc, id desc
      limit ${LATEST_REJECTIONS}
    ) as latest
    group by queue`;
  return new Map(rows.map(({ queue, error }) => [queue, parseStoredError(error)]));
}

async function readDisks(ctx: Context): Promise<Sample[]> {
  return (await knownDisks(ctx)).map(({ disk, used }) => ({ subject: disk, value: used }));
}

/** Returns how long expired rows have remained, except rows restored from an archive. */
async function readOverdueRetention(ctx: Context): Promise<Sample[]> {
  return await Promise.all(
    LOG_TABLE_NAMES.map(async (table): Promise<Sample> => {
      const cutoff = ctx.now().getTime() - (await retentionDays(ctx, table)) * 86_400_000;
      const retained = await ctx.db.sql<{ starts: string; ends: string }[]>`
        select starts_at as starts, ends_at as ends
        from restored_periods where table_name = ${table} and keep_until > now()`;
      for (const { name, from, to } of await listPartitions(ctx.db.sql, logTables[table].tableName)) {
        if (Date.parse(from) >= cutoff) break;
        if (retained.some(({ starts, ends }) => new Date(starts) < new Date(to) && new Date(ends) > new Date(from)))
          continue;
        const [oldest] = await ctx.db.sql<{ at: string | null }[]>`
          select extract(epoch from min(created_at)) * 1000 as at
          from ${ctx.db.sql(name)} where created_at < ${new Date(cutoff).toISOString()}`;
        if (oldest?.at) return { subject: table, value: Math.max(0, (cutoff - Number(oldest.at)) / 1_000) };
      }
      return { subject: table, value: 0 };
    }),
  );
}

async function readCleanedSince(ctx: Context): Promise<Record<string, Date>> {
  const policies = (await listPolicies(ctx)).map(({ id, days }) => ({ table: id, days }));
  const rows = await ctx.db.sql<{ table: string; at: string }[]>`
    select "table", max(started_at) as at
    from jobs
    join json_to_recordset(${JSON.stringify(policies)}::text::json) as policy("table" text, days int)
      on params->>'task_type' = "table" and (params->>'days_to_keep')::int <= days
    where kind = 'cleanup' and status = 'completed' and params->>'dry_run' = 'false'
    group by "table"`;
  return Object.fromEntries(rows.map(({ table, at }) => [table, new Date(at)]));
}
