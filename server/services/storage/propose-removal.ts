import { type LogTableName, logTableList } from "@/server/catalog";
import { databaseNow } from "@/server/db/clock";
import { readBounds } from "@/server/db/partitions";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { Proposal, ProposalQuery, Step } from "./contract";
import { placeOf } from "./storage-use";

const DAY_MS = 86_400_000;
/** The maximum of a cleanup. */
const MAX_DAYS = 3_650;
/** Bytes of an archived row, until an archive provides an average; as in the preview of a cleanup. */
const BYTES_PER_ROW = 100;

/**
 * Proposes what to remove to free space in a place, oldest first: exports, which can be made again; then months of log
 * tables, which remain in archives; then archives, which are lost. Only what really becomes free counts: PostgreSQL
 * returns the space of a dropped partition, not that of deleted rows.
 */
export async function proposeRemoval(ctx: Context, { place, bytes }: ProposalQuery): Promise<Proposal> {
  const steps: Step[] = [];
  const left = () => bytes - steps.reduce((sum, step) => sum + step.returned_bytes, 0);
  const add = (step: Step | null) => {
    if (step) steps.push(step);
  };
  if (place !== "database") add(await proposeExports(ctx, place, left()));
  if (left() > 0 && (place === "database" || place === "shared"))
    for (const step of await proposeMonths(ctx, place, left())) add(step);
  if (left() > 0 && place !== "database") add(await proposeArchives(ctx, place, left()));
  const returned_bytes = bytes - left();
  return { steps, returned_bytes, is_enough: returned_bytes >= bytes };
}

/** Takes items, in their order, until they return `bytes`. */
function takeUntil<T>(items: readonly T[], bytes: number, returned: (item: T) => number): T[] {
  const taken: T[] = [];
  let sum = 0;
  for (const item of items) {
    if (sum >= bytes) break;
    taken.push(item);
    sum += returned(item);
  }
  return taken;
}

const sumOf = <T>(items: readonly T[], pick: (item: T) => number) => items.reduce((sum, item) => sum + pick(item), 0);

function isIn(ctx: Context, place: ProposalQuery["place"], store: string | null): boolean {
  return placeOf(ctx, store) === (place === "shared" ? "data" : place);
}

async function proposeExports(ctx: Context, place: ProposalQuery["place"], bytes: number): Promise<Step | null> {
  const rows = await ctx.db.read.$client<{ id: string; store: string | null; size: number; at: string }[]>`
    select id, store, size_bytes::float8 as size, created_at as at from exports order by created_at`;
  const taken = takeUntil(
    rows.filter(({ store, size }) => size > 0 && isIn(ctx, place, store)),
    bytes,
    ({ size }) => size,
  );
  const [first, last] = [taken[0], taken.at(-1)];
  if (!first || !last) return null;
  return {
    kind: "exports",
    ids: taken.map(({ id }) => id),
    returned_bytes: sumOf(taken, ({ size }) => size),
    oldest: toIsoMicroseconds(first.at),
    newest: toIsoMicroseconds(last.at),
  };
}

interface Month {
  readonly table: LogTableName;
  readonly month: string;
  readonly to: number;
  readonly rows: number;
  readonly dropped: number;
  readonly archive: number;
  readonly returned: number;
}

async function proposeMonths(ctx: Context, place: ProposalQuery["place"], bytes: number): Promise<Step[]> {
  const now = (await databaseNow(ctx.db.sql)).getTime();
  const months = (await Promise.all(logTableList.map((table) => readMonths(ctx, place, table))))
    .flat()
    .sort((a, b) => a.to - b.to);
  const taken = takeUntil(
    months.filter(({ to, returned }) => to <= now && returned > 0),
    bytes,
    ({ returned }) => returned,
  );
  return logTableList.flatMap(({ name: table }): Step[] => {
    const last = taken.findLast((month) => month.table === table);
    if (!last) return [];
    const days_to_keep = Math.min(MAX_DAYS, Math.floor((now - last.to) / DAY_MS));
    const cutoff = now - days_to_keep * DAY_MS;
    // Also months that return nothing, and newer ones where `last` is older than the maximum of a cleanup.
    const own = months.filter((month) => month.table === table && month.to <= cutoff);
    return [
      {
        kind: "cleanup",
        table,
        days_to_keep,
        cutoff: instantOf(new Date(cutoff)),
        months: own.map(({ month }) => month),
        rows: sumOf(own, ({ rows }) => rows),
        dropped_bytes: sumOf(own, ({ dropped }) => dropped),
        archive_bytes: sumOf(own, ({ archive }) => archive),
        returned_bytes: sumOf(own, ({ returned }) => returned),
      },
    ];
  });
}

async function readMonths(
  ctx: Context,
  place: ProposalQuery["place"],
  { name, tableName }: (typeof logTableList)[number],
): Promise<Month[]> {
  const rows = await ctx.db.read.$client<
    { bounds: string; rows: number; bytes: number; archived_row: number | null }[]
  >`
    select
      pg_get_expr(child.relpartbound, 0) as bounds,
      (case when child.reltuples > 0 then child.reltuples else stat.n_live_tup end)::float8 as rows,
      pg_total_relation_size(child.oid)::float8 as bytes,
      (
        select (sum(size_bytes) / nullif(sum(row_count), 0))::float8
        from archives
        where table_name = ${name} and state <> 'writing'
      ) as archived_row
    from pg_inherits
    join pg_class child on child.oid = inhrelid
    join pg_stat_all_tables stat on stat.relid = child.oid
    where inhparent = ${tableName}::regclass`;
  // New archives are written to the current store.
  const isSameDisk = place === "shared" && ctx.files.current.target.kind === "disk";
  return rows
    .filter((row) => row.rows > 0)
    .map(({ bounds, rows: count, bytes: dropped, archived_row }) => {
      const { from, to } = readBounds(bounds);
      const archive = Math.round(count * (archived_row ?? BYTES_PER_ROW));
      return {
        table: name,
        month: from.slice(0, 7),
        to: Date.parse(to),
        rows: Math.round(count),
        dropped,
        archive,
        returned: Math.max(0, isSameDisk ? dropped - archive : dropped),
      };
    });
}

async function proposeArchives(ctx: Context, place: ProposalQuery["place"], bytes: number): Promise<Step | null> {
  const rows = await ctx.db.read.$client<
    { id: string; store: string | null; month: string; rows: number; size: number }[]
  >`
    select id, store, month, row_count::float8 as rows, size_bytes::float8 as size
    from archives
    where state in ('pending', 'removed')
    order by first_time`;
  const taken = takeUntil(
    rows.filter(({ store }) => isIn(ctx, place, store)),
    bytes,
    ({ size }) => size,
  );
  if (taken.length === 0) return null;
  return {
    kind: "archives",
    ids: taken.map(({ id }) => id),
    months: [...new Set(taken.map(({ month }) => month))].sort(),
    rows: sumOf(taken, ({ rows: count }) => count),
    returned_bytes: sumOf(taken, ({ size }) => size),
  };
}
