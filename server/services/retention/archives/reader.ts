import type { Context, Principal } from "@/server/process/context";
import { maskFor } from "@/server/services/privacy";
import type { ArchivesQuery, ShownArchivePage } from "../contract";
import { listArchives } from "./list";

/** Reads archives on behalf of `principal`. */
export function archiveReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: ArchivesQuery): Promise<ShownArchivePage> => {
      const [page, { columns }] = await Promise.all([listArchives(ctx, query), maskFor(ctx, principal)]);
      if (columns.size === 0) return page;
      return { ...page, items: page.items.map((archive) => ({ ...archive, size_bytes: null, sha256: null })) };
    },
  };
}
