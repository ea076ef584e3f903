import type { Context, Principal } from "@/server/process/context";
import { maskFor } from "@/server/services/privacy";
import type { ArchiveMonths, ArchiveMonthsQuery, ArchivesQuery, ShownArchivePage } from "../contract";
import { archiveMonths, listArchives } from "./list";

/** Reads archives on behalf of `principal`. */
export function archiveReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: ArchivesQuery): Promise<ShownArchivePage> => {
      const [page, { columns }] = await Promise.all([listArchives(ctx, query), maskFor(ctx, principal)]);
      if (columns.size === 0) return page;
      return { ...page, items: page.items.map((archive) => ({ ...archive, size_bytes: null, sha256: null })) };
    },
    months: async (query: ArchiveMonthsQuery): Promise<ArchiveMonths> => {
      const [found, { columns }] = await Promise.all([archiveMonths(ctx, query), maskFor(ctx, principal)]);
      if (columns.size === 0) return found;
      const hidden = <T extends object>(facts: T) => ({ ...facts, size_bytes: null });
      return { ...found, months: found.months.map((month) => ({ ...month, tables: month.tables.map(hidden) })) };
    },
  };
}
