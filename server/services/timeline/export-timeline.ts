import type { Context, Principal } from "@/server/process/context";
import { requirePermission } from "@/server/services/accounts";
import { streamCombined } from "@/server/services/exports";
import { maskFor, refuseMaskedFilters } from "@/server/services/privacy";
import type { TimelineExport } from "./contract";
import { logFiltersOf } from "./read-timeline";

/**
 * Streams all events of a timeline as a file, oldest first.
 * @throws AppError FORBIDDEN without the permission to export; see streamCombined
 */
export async function exportTimeline(
  ctx: Context,
  principal: Principal,
  { format, bom, ...selection }: TimelineExport,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  requirePermission(principal, "export");
  const query = logFiltersOf(selection);
  refuseMaskedFilters(query.filters, await maskFor(ctx, principal));
  return await streamCombined(ctx, principal, { format, bom, query }, signal);
}
