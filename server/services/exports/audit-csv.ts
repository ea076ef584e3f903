import { connectSession } from "@/server/db/session";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { LogFilters } from "@/server/services/logs";
import { csvFile } from "./csv/csv-file";
import { csvSheet } from "./plan";

/**
 * The audit record as CSV, streamed: no file of it is left where those who may not read it find one.
 * @throws AppError UNPROCESSABLE for a filter or time that is none
 */
export async function auditCsv(
  ctx: Context,
  principal: Principal,
  { bom, ...filters }: LogFilters & { readonly bom: boolean },
): Promise<ReadableStream<Uint8Array>> {
  const sheet = csvSheet(ctx.config, "audit_log", filters);
  await recordAudit(ctx, principal, "audit.export", { ...filters });
  const sql = connectSession(ctx.db.url, {
    applicationName: "batch-console audit export",
    timeZone: ctx.config.timeZone,
  });
  const blocks = csvFile(sql, sheet, { bom, onRows: () => {} });
  const end = () => sql.end({ timeout: 1 });
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await blocks.next();
        if (!next.done) return controller.enqueue(Uint8Array.from(next.value)); // A block's memory is used again.
        await end();
        controller.close();
      } catch (error) {
        await end();
        throw error;
      }
    },
    async cancel() {
      await end();
      await blocks.return();
    },
  });
}
