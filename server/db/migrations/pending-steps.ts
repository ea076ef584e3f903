import type { SqlExecutor } from "../client";
import { stepName } from "./run-steps";

export interface PendingSteps {
  /** The step in progress: `CREATE INDEX access_logs_values_idx`. */
  readonly step: string;
  /** The code of its last failure. */
  readonly error: string | null;
  /** Partitions or rows. */
  readonly done: number;
  readonly total: number | null;
  /** Steps that are not finished. */
  readonly remaining: number;
}

/** The steps of migrations that are not finished; undefined if none is pending. */
export async function pendingSteps(sql: SqlExecutor): Promise<PendingSteps | undefined> {
  const [first] = await sql<(Omit<PendingSteps, "step"> & { statement: string })[]>`
    select statement, error, done::float8, total::float8, (count(*) over ())::int as remaining
    from schema_steps
    where finished_at is null
    order by id
    limit 1`;
  return first && { ...first, step: stepName(first.statement) };
}
