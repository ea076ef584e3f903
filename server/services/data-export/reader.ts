import type { Context, Principal } from "@/server/context";
import { type Mask, maskFilters, maskFor } from "@/server/services/privacy";
import { type ExportKey, type ExportPage, type ExportRecord, findExport, listExports } from "./records";

/** Exports as `principal` sees them: without the values that their filters name of what is masked for them. */
export function exportReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: Parameters<typeof listExports>[1]): Promise<ExportPage> => {
      const [page, mask] = await Promise.all([listExports(ctx, query), maskFor(ctx, principal)]);
      return { ...page, items: page.items.map((record) => maskRecord(record, mask)) };
    },
    find: async (key: ExportKey): Promise<ExportRecord | undefined> => {
      const record = await findExport(ctx, key);
      return record && maskRecord(record, await maskFor(ctx, principal));
    },
  };
}

function maskRecord(record: ExportRecord, mask: Mask): ExportRecord {
  const { filters } = record.manifest;
  if (mask.columns.size === 0 || !filters) return record;
  const hidden = maskFilters(filters, mask) as typeof filters;
  return { ...record, manifest: { ...record.manifest, filters: hidden } };
}
