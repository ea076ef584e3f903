import type { ExportFormatName } from "@/server/catalog/export-formats";
import { csv } from "./csv";
import { excel } from "./excel";
import type { ExportFormat } from "./export-format";
import { ndjson } from "./ndjson";

export const EXPORT_FORMATS = { csv, excel, ndjson } satisfies Record<ExportFormatName, ExportFormat>;
