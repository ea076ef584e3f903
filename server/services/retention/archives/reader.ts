import type { Context, Principal } from "@/server/process/context";
import { maskFor } from "@/server/services/privacy";
import { type ArchivePage, type ListedArchive, listArchives } from "./list";

/** An archive as returned to a principal. */
export interface ShownArchive extends Omit<ListedArchive, "size_bytes" | "sha256"> {
  /** Null for principals with a mask: it could reveal a masked value among few possible ones. */
  readonly size_bytes: number | null;
  /** Null like size_bytes. */
  readonly sha256: string | null;
}

export interface ShownArchivePage extends Omit<ArchivePage, "items"> {
  readonly items: ShownArchive[];
}

/** Reads archives on behalf of `principal`. */
export function archiveReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: Parameters<typeof listArchives>[1]): Promise<ShownArchivePage> => {
      const [page, { columns }] = await Promise.all([listArchives(ctx, query), maskFor(ctx, principal)]);
      if (columns.size === 0) return page;
      return { ...page, items: page.items.map((archive) => ({ ...archive, size_bytes: null, sha256: null })) };
    },
  };
}
