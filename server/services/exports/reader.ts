import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskFilters, maskFor } from "@/server/services/privacy";
import {
  type ExportKey,
  type ExportManifest,
  type ExportPage,
  type ExportRecord,
  findExport,
  listExports,
} from "./records";

/** A file's size and checksum could reveal a masked value among few possible ones. */
type WithoutSize<File extends { size_bytes: number; sha256: string }> = Omit<File, "size_bytes" | "sha256"> & {
  /** Null for principals with a mask. */
  readonly size_bytes: number | null;
  /** Null for principals with a mask. */
  readonly sha256: string | null;
};

/** The manifest as returned to a principal. */
export type ShownManifest = WithoutSize<ExportManifest>;

/** An export as returned to a principal. */
export interface ShownExport extends Omit<WithoutSize<ExportRecord>, "manifest"> {
  readonly manifest: ShownManifest;
}

export interface ShownExportPage extends Omit<ExportPage, "items"> {
  readonly items: ShownExport[];
}

/** Reads exports on behalf of `principal`, with masked values removed from their filters. */
export function exportReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: Parameters<typeof listExports>[1]): Promise<ShownExportPage> => {
      const [page, mask] = await Promise.all([listExports(ctx, query), maskFor(ctx, principal)]);
      return { ...page, items: page.items.map((record) => maskRecord(record, mask)) };
    },
    find: async (key: ExportKey): Promise<ShownExport | undefined> => {
      const record = await findExport(ctx, key);
      return record && maskRecord(record, await maskFor(ctx, principal));
    },
  };
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
