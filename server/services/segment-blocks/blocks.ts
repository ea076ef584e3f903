import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { SqlExecutor } from "@/server/db/client";
import { type CoveredPart, type Executor, instantText, type TimeRange } from "@/server/services/segment-files";
import { type Block, MAX_BITS } from "./block-writer";
import { gramsOfWord } from "./grams";

/** Bytes of filters in one statement. */
const INSERT_BYTES = 4 * 1024 * 1024;
/** Ranges of one query. Each is a SELECT of DuckDB, so those next to each other are joined when there are more. */
const MAX_RANGES = 64;

/** Records the blocks of a segment. */
export async function insertBlocks(tx: SqlExecutor, segmentId: string, blocks: readonly Block[]): Promise<void> {
  await insertInto(tx, "segment_blocks", { segment_id: segmentId }, blocks);
}

/** Records blocks of an archive. They count once `archives.has_blocks` is set. */
export async function insertArchiveBlocks(tx: SqlExecutor, archiveId: string, blocks: readonly Block[]): Promise<void> {
  await insertInto(tx, "archive_blocks", { archive_id: archiveId }, blocks);
}

async function insertInto(
  tx: SqlExecutor,
  table: string,
  owner: Readonly<Record<string, string>>,
  blocks: readonly Block[],
): Promise<void> {
  for (let start = 0; start < blocks.length; ) {
    let [end, bytes] = [start, 0];
    for (; end < blocks.length && bytes < INSERT_BYTES; end++) bytes += blocks[end]?.filter.length ?? 0;
    const rows = blocks.slice(start, end).map(({ startsAt, endsAt, rowCount, filter }) => ({
      ...owner,
      starts_at: startsAt,
      ends_at: endsAt,
      row_count: rowCount,
      filter,
    }));
    await tx`insert into ${tx(table)} ${tx(rows)}`;
    start = end;
  }
}

/** Assigns the blocks of segments to the one that they were merged into. */
export async function moveBlocks(tx: SqlExecutor, from: readonly string[], to: string): Promise<void> {
  await tx`update segment_blocks set segment_id = ${to} where segment_id = any(${[...from]}::uuid[])`;
}

/**
 * The condition, on segment_blocks and archive_blocks, that a block may have rows that contain all words in any case, as text or in JSON;
 * undefined if that cannot be excluded of any block.
 */
export function mayContainWords(words: readonly string[]): SQL | undefined {
  const grams = [...new Set(words.flatMap(gramsOfWord))].map((gram) => gram % MAX_BITS);
  if (grams.length === 0) return undefined;
  // A part of a filter is read, because most are stored out of line.
  const isSet = (gram: number) => sql`
    get_byte(substring(filter from (${gram} & (8 * octet_length(filter) - 1)) / 8 + 1 for 1), 0)
      & (1 << (${gram % 8})) <> 0`;
  return sql`(${sql.join(grams.map(isSet), sql` and `)})`;
}

const candidate = z.object({ owner_id: z.string(), from: z.string(), to: z.string(), row_count: z.coerce.number() });
type Candidate = z.infer<typeof candidate>;

/** Above this share of a file's rows, all are read: their ranges would cost more than they save. */
const MAX_SHARE = 0.5;

/**
 * Restricts parts to the blocks for which a condition of mayContainWords holds.
 * @returns the parts that have such blocks, with estimated numbers of rows
 */
export async function restrictParts(
  db: Executor,
  parts: readonly CoveredPart[],
  condition: SQL,
): Promise<CoveredPart[]> {
  const owners = parts.map((part) => ({ ...part, id: part.segment.id }));
  return await restrictOwners(db, owners, condition, { table: sql`segment_blocks`, owner: sql`segment_id` });
}

/** Like restrictParts, for archives whose blocks are recorded. */
export async function restrictArchives<Archive extends BlockOwner>(
  db: Executor,
  archives: readonly Archive[],
  condition: SQL,
): Promise<Archive[]> {
  return await restrictOwners(db, archives, condition, { table: sql`archive_blocks`, owner: sql`archive_id` });
}

/** What has blocks. */
interface BlockOwner {
  readonly id: string;
  readonly ranges: readonly TimeRange[];
  readonly rowCount: number;
}

async function restrictOwners<Owner extends BlockOwner>(
  db: Executor,
  owners: readonly Owner[],
  condition: SQL,
  { table, owner }: { readonly table: SQL; readonly owner: SQL },
): Promise<Owner[]> {
  if (owners.length === 0) return [];
  const rows = await db.execute(sql`
    select
      ${owner} as owner_id,
      ${instantText(sql`starts_at`)} as "from",
      ${instantText(sql`ends_at + interval '1 microsecond'`)} as "to",
      row_count
    from ${table}
    where ${owner} in ${owners.map(({ id }) => id)} and ${condition}
    order by starts_at`);
  const byOwner = new Map<string, Candidate[]>();
  for (const block of z.array(candidate).parse(rows))
    byOwner.get(block.owner_id)?.push(block) ?? byOwner.set(block.owner_id, [block]);
  const restricted = owners.flatMap((one): { one: Owner; rowCount: number; ranges: TimeRange[][] }[] => {
    const blocks = byOwner.get(one.id) ?? [];
    const rowCount = blocks.reduce((sum, { row_count }) => sum + row_count, 0);
    if (rowCount > MAX_SHARE * one.rowCount)
      return [{ one, rowCount: one.rowCount, ranges: one.ranges.map((range) => [range]) }];
    // Within each range of an owner, the ranges of its blocks, in order of time.
    const ranges = one.ranges.map((range) => rangesWithin(range, blocks)).filter(({ length }) => length > 0);
    return ranges.length > 0 ? [{ one, rowCount, ranges }] : [];
  });
  const gap = minGap(restricted.flatMap(({ ranges }) => ranges));
  return restricted.map(({ one, rowCount, ranges }) => ({
    ...one,
    rowCount,
    ranges: ranges.flatMap((list) => joined(list, gap)),
  }));
}

function rangesWithin({ from, to }: TimeRange, blocks: readonly Candidate[]): TimeRange[] {
  const clipped = blocks.flatMap((block): TimeRange[] => {
    const range = { from: block.from > from ? block.from : from, to: block.to < to ? block.to : to };
    return range.from < range.to ? [range] : [];
  });
  return joined(clipped, 0);
}

/** Joins the ranges between which there are at most so many milliseconds. */
function joined(ranges: readonly TimeRange[], gap: number): TimeRange[] {
  const result: TimeRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (!last || gapBetween(last, range) > gap) result.push(range);
    else if (range.to > last.to) result[result.length - 1] = { from: last.from, to: range.to };
  }
  return result;
}

/** The gap up to which ranges must be joined so that MAX_RANGES remain. */
function minGap(lists: readonly (readonly TimeRange[])[]): number {
  const gaps = lists.flatMap((ranges) =>
    ranges.slice(1).map((range, index) => gapBetween(ranges[index] ?? range, range)),
  );
  const excess = gaps.length + lists.length - MAX_RANGES;
  return excess <= 0 ? 0 : (gaps.sort((one, other) => one - other)[Math.min(excess, gaps.length) - 1] ?? 0);
}

function gapBetween(one: TimeRange, other: TimeRange): number {
  return other.from <= one.to ? 0 : Date.parse(other.from) - Date.parse(one.to);
}
