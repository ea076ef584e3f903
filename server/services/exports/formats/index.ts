import type { ExportFormatName } from "@/server/catalog/export-formats";
import { csv } from "./csv";
import { excel } from "./excel";
import type { ExportFormat } from "./export-format";
import { ndjson } from "./ndjson";
import { parquet } from "./parquet";

export const EXPORT_FORMATS = { csv, excel, ndjson, parquet } satisfies Record<ExportFormatName, ExportFormat>;
