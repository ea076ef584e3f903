import type { LogTableName } from "@/server/catalog";
import { isDatabaseUnreachable } from "@/server/lib/errors";
import { type Context, type Principal, principalKey } from "@/server/process/context";

/** While a process reads an import it says so this often; one that is silent for longer died. */
const SEEN_EVERY_MS = 15_000;
export const SILENT_SECONDS = 60;

export interface NewImport {
  readonly table: LogTableName;
  readonly mode: "direct" | "queued";
  readonly format: string;
  readonly fileName?: string;
  readonly source?: string;
  readonly by: Principal;
}

export interface OpenImport {
  readonly id: number;
  /** Records how the reading ended. Events in the queue are stored, and counted, after it. */
  end(outcome: "completed" | "failed", error?: string): Promise<void>;
}

/** Records the beginning of an import; until its end it shows as being read. */
export async function openImport(ctx: Context, { by, ...import_ }: NewImport): Promise<OpenImport> {
  const { sql } = ctx.db;
  const [row] = await sql<{ id: number }[]>`
    insert into imports (log_table, mode, format, file_name, source, requester, requested_by)
    values (
      ${import_.table}, ${import_.mode}, ${import_.format}, ${import_.fileName ?? null}, ${import_.source ?? null},
      ${principalKey(by)}, ${by.name}
    )
    returning id`;
  if (!row) throw new Error("The import was not recorded.");
  const { id } = row;
  const timer = setInterval(() => {
    sql`update imports set seen_at = now() where id = ${id}`.catch((error: unknown) => {
      if (!isDatabaseUnreachable(error))
        ctx.log.warn({ err: error, import: id }, "an import could not be marked as being read");
    });
  }, SEEN_EVERY_MS).unref();
  return {
    id,
    end: async (outcome, error) => {
      clearInterval(timer);
      await sql`
        update imports set outcome = ${outcome}, finished_at = now(), error = ${error ?? null}
        where id = ${id} and outcome is null`;
    },
  };
}
