import { connectSession } from "@/server/db/session";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { LogFilters } from "@/server/services/logs/contract";
import { csvFile } from "./copy/csv-file";
import { csvSheet } from "./plan";

/**
 * Streams the audit log as CSV. No file is written, where users without permission could find it.
 * @throws AppError UNPROCESSABLE for an invalid filter or time
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
        if (!next.done) return controller.enqueue(Uint8Array.from(next.value)); // The block's memory is reused.
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
