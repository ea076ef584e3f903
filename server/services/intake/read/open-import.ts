import type { LogTableName } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { isDatabaseUnreachable } from "@/server/lib/errors";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import type { IntakeMode } from "../contract";

/** Heartbeat interval of a process that reads an import; one without a heartbeat for longer has died. */
const HEARTBEAT_MS = 15_000;
export const HEARTBEAT_TIMEOUT_SECONDS = 60;

export interface NewImport {
  readonly table: LogTableName;
  readonly mode: IntakeMode;
  readonly format: string;
  readonly fileName?: string;
  readonly source?: string;
  /** The mapping's name with its version, or its expression. */
  readonly mapping?: string;
  readonly by: Principal;
}

export interface OpenImport {
  readonly id: number;
  /** Records the result of reading. Queued events are stored, and counted, afterwards. */
  end(outcome: "completed" | "failed", error?: ErrorValue): Promise<void>;
}

/** Records the start of an import; until its end it is shown as being read. */
export async function openImport(ctx: Context, { by, ...import_ }: NewImport): Promise<OpenImport> {
  const { sql } = ctx.db;
  const [row] = await sql<{ id: number }[]>`
    insert into imports (log_table, mode, format, file_name, source, mapping, requester, requested_by)
    values (
      ${import_.table}, ${import_.mode}, ${import_.format}, ${import_.fileName ?? null}, ${import_.source ?? null},
      ${import_.mapping ?? null}, ${principalKey(by)}, ${by.name}
    )
    returning id`;
  if (!row) throw new Error("The import was not recorded.");
  const { id } = row;
  const timer = setInterval(() => {
    sql`update imports set seen_at = now() where id = ${id}`.catch((error: unknown) => {
      if (!isDatabaseUnreachable(error)) ctx.log.warn({ err: error, import: id }, "heartbeat of an import failed");
    });
  }, HEARTBEAT_MS).unref();
  return {
    id,
    end: async (outcome, error) => {
      clearInterval(timer);
      await sql`
        update imports set outcome = ${outcome}, finished_at = now(), error = ${error === undefined ? null : JSON.stringify(error)}::text::jsonb
        where id = ${id} and outcome is null`;
    },
  };
}
