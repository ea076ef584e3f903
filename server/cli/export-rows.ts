import { randomUUID } from "node:crypto";
import path from "node:path";
import { EXPORT_CHOICES } from "@/server/catalog/export-formats";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { StartError } from "@/server/process/start-error";
import { recordAudit } from "@/server/services/audit";
import { checkExport, type ExportRun, exportToFile, runExport } from "@/server/services/exports";
import type { ExportParams } from "@/server/services/exports/contract";
import { UNFENCED } from "@/server/services/jobs";
import type { ExportFlags } from "./export";
import { requireWritable } from "./output";

const PROGRESS_EVERY_MS = 2_000;

/** Exports as the flags of the command say, and returns what is printed. */
export async function exportRows(context: Context, flags: ExportFlags, signal: AbortSignal): Promise<object> {
  const { type, format, start, end, out, compress, bom, includeArchived, headers, json } = flags;
  const params = {
    export_type: type,
    format,
    start_date: start,
    end_date: end,
    filters: {},
    compress,
    bom,
    ...(includeArchived ? { include_archived: true } : {}),
    ...(headers === "names" ? {} : { headers }),
    ...(json === undefined ? {} : { json_columns: json }),
  } satisfies ExportParams;
  if (out !== undefined) await requireWritable(path.resolve(out));
  const preview = await checkExport(context, params);
  // The arguments are valid, so this is not a usage error.
  const variable = EXPORT_CHOICES[format].isColumnar ? "MAX_EXPORT_ROWS_COLUMNAR" : "MAX_EXPORT_ROWS";
  if (preview?.over_limit) throw new StartError(`The export exceeds the limit of ${preview.limit} rows (${variable}).`);
  const run: ExportRun = {
    id: randomUUID(),
    params,
    requestedBy: COMMAND_LINE.name,
    attempt: 1,
    signal,
    fence: UNFENCED,
    progress: showRows(),
  };
  await recordAudit(context, COMMAND_LINE, "export.start", { export_id: run.id, ...params, ...(out ? { out } : {}) });
  if (out === undefined) return runExport(context, run);
  const file = path.resolve(out);
  const { rowCount, sizeBytes, sha256 } = await exportToFile(context, run, file);
  return { file_path: file, format, row_count: rowCount, size_bytes: sizeBytes, sha256 };
}

function showRows(): ExportRun["progress"] {
  let next = Date.now() + PROGRESS_EVERY_MS;
  return ({ done, total }) => {
    if (Date.now() < next) return;
    next = Date.now() + PROGRESS_EVERY_MS;
    process.stderr.write(`${done.toLocaleString("en")}${total ? ` of ${total.toLocaleString("en")}` : ""} rows\n`);
  };
}
