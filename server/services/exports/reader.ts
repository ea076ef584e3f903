import { type Context, type Principal, principalKey } from "@/server/process/context";
import { type Mask, maskFilters, maskFor } from "@/server/services/privacy";
import type { ExportRecord, ExportsQuery, ShownExport, ShownExportPage } from "./contract";
import { type ExportKey, findExport, listExports } from "./records";

/** Reads exports on behalf of `principal`, with masked values removed from their filters. */
export function exportReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: ExportsQuery): Promise<ShownExportPage> => {
      const [page, mask] = await Promise.all([listExports(ctx, query), maskFor(ctx, principal)]);
      const own = await ownExports(
        ctx,
        principal,
        page.items.map(({ export_id }) => export_id),
      );
      const items = page.items.map((record) => ({ ...maskRecord(record, mask), is_own: own.has(record.export_id) }));
      return { ...page, items };
    },
    find: async (key: ExportKey): Promise<ShownExport | undefined> => {
      const record = await findExport(ctx, key);
      return record && maskRecord(record, await maskFor(ctx, principal));
    },
  };
}

/** Returns those of the exports whose jobs the principal started. */
async function ownExports(ctx: Context, principal: Principal, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const own = await ctx.db.read.$client<{ id: string }[]>`
    select id from jobs where id = any(${[...ids]}::uuid[]) and requester = ${principalKey(principal)}`;
  return new Set(own.map(({ id }) => id));
}

function maskRecord(record: ExportRecord, mask: Mask): ShownExport {
  if (mask.columns.size === 0) return record;
  const { manifest } = record;
  const filters = Object.fromEntries(
    Object.entries(maskFilters(manifest.filters ?? {}, mask)).map(([name, value]) => [name, String(value)]),
  );
  const hidden = { size_bytes: null, sha256: null };
  return { ...record, ...hidden, manifest: { ...manifest, ...hidden, filters } };
}
