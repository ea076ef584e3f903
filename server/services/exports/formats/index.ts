import type { ExportFormatName } from "@/server/catalog/export-formats";
import { csv } from "./csv";
import { excel } from "./excel";
import type { ExportFormat } from "./export-format";

export const EXPORT_FORMATS = { csv, excel } satisfies Record<ExportFormatName, ExportFormat>;
