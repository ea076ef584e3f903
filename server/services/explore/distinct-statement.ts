import { type SQL, sql } from "drizzle-orm";
import { changeOf } from "./aggregates";
import { type GroupKey, keyedBy } from "./keyed-rows";
import { isBefore, type Question, rowsOf, t } from "./question";

/** Bits of a BIGINT that are used, so that it is not negative. */
const WORD = 62;
/** With more cells, masks of all values could exceed the memory. */
export const MAX_CELLS = 8 * WORD;

/**
 * Sets of rows whose distinct values are counted: those of each group and of the rest, in each bucket.
 * The cell of a group and a bucket, each from 0, is `group * buckets + bucket`; the rest is the last group.
 */
export interface Cells {
  readonly keys: readonly GroupKey[];
  /** Numbers of buckets; null for one of the whole period. */
  readonly buckets: readonly number[] | null;
  /** Set if only the first so many groups in this order are listed. Others belong to the rest. */
  readonly ranked: { readonly order: Question["order"]; readonly limit: number } | null;
}

const countOf = ({ keys, buckets }: Cells) => (keys.length + 1) * (buckets?.length ?? 1);

/** Values whose hash has this remainder, so that each value is in one part. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** Whether distinctStatement can count so many cells. */
export function areCountable(question: Question, cells: Cells): boolean {
  return countOf(cells) * (question.before ? 2 : 1) <= MAX_CELLS;
}

/**
 * The numbers of distinct values of `input`, in one row, in the current and in the previous period: of each cell as the
 * lists `m` and `b`, of all rows as `m_total` and `b_total`, and of rows that belong to no listed group as `m_rest` and
 * `b_rest`.
 *
 * Each value has a bit for each cell with a row of it, so that rows are read and values are compared once. Values with
 * the same bits are counted together, of which there are usually few combinations.
 */
export function distinctStatement(
  question: Question,
  from: SQL,
  input: SQL,
  cells: Cells,
  part: Part = { index: 0, of: 1 },
): SQL {
  const sides = question.before ? [false, true] : [false];
  const perSide = Math.ceil(countOf(cells) / WORD);
  const words = sides.flatMap((isOld) => Array.from({ length: perSide }, (_, index) => ({ isOld, index })));
  const own = (isOld: boolean) => words.filter((word) => word.isOld === isOld);
  const condition = (isOld: boolean) => (question.before ? sql`is_before = ${sql.raw(String(isOld))} and` : sql``);
  const isSingle = words.length === 1;
  const names = words.map(({ isOld, index }) => wordName("w", isOld, index));
  const bits = words.map(({ isOld, index }) => {
    const first = index * WORD;
    const bit = sql.raw(`1::bigint << (cell - ${first})::integer`);
    const isIn = sql`${condition(isOld)} cell between ${sql.raw(`${first} and ${first + WORD - 1}`)}`;
    const name = wordName("w", isOld, index);
    return isSingle
      ? sql`bit_or(${bit}) as ${name}`
      : sql`coalesce(bit_or(case when ${isIn} then ${bit} end), 0) as ${name}`;
  });
  const counts = sides.map((isOld) => {
    const list = Array.from({ length: countOf(cells) }, (_, cell) => {
      const word = wordName("w", isOld, Math.floor(cell / WORD));
      return sql`coalesce(sum(((${word} >> ${sql.raw(String(cell % WORD))}) & 1) * n), 0)::bigint`;
    });
    const isAny = sql.join(
      own(isOld).map(({ index }) => sql`${wordName("w", isOld, index)} <> 0`),
      sql` or `,
    );
    return sql`[${sql.join(list, sql`, `)}] as ${side(isOld)}, ${sumWhere(isAny)} as ${side(isOld, "_total")}`;
  });
  const rest = sides.map((isOld) => {
    const isRest = own(isOld).map(
      ({ index }) => sql`${wordName("w", isOld, index)} & ${wordName("r", false, index)} <> 0`,
    );
    return sql`${sumWhere(sql.join(isRest, sql` or `))} as ${side(isOld, "_rest")}`;
  });
  return sql`
    with ${rowsOf(question, from)},
    keyed as (${keyedBy(question, sql`numbers`, cells.keys)}),
    valued as (
      select ${isBefore}, ${input} as value, ${cellOf(cells)} as cell
      ${cellSource(cells)}
      where ${input} is not null ${part.of === 1 ? sql`` : sql`and hash(${input}) % ${sql.raw(`${part.of} = ${part.index}`)}`}
    ),
    masks as materialized (
      select ${sql.join(names, sql`, `)}, count(*) as n
      from (select value, ${sql.join(bits, sql`, `)} from valued group by value)
      group by ${sql.join(names, sql`, `)}
    ),
    counts as materialized (select ${sql.join(counts, sql`, `)} from masks),
    unlisted as (${unlistedOf(cells, perSide)}),
    rest as (select ${sql.join(rest, sql`, `)} from masks, unlisted)
    select counts.*, rest.* from counts, rest`;
}

const sumWhere = (condition: SQL) => sql`coalesce(sum(n) filter (where ${condition}), 0)::bigint`;
const side = (isOld: boolean, suffix = "") => sql.raw(`${isOld ? "b" : "m"}${suffix}`);
const wordName = (prefix: "w" | "r", isOld: boolean, index: number) => sql.raw(`${prefix}${isOld ? "b" : ""}${index}`);

function cellOf({ keys, buckets }: Cells): SQL {
  const group = sql`coalesce(k, ${sql.raw(String(keys.length))})`;
  return buckets ? sql`${group} * ${sql.raw(String(buckets.length))} + bucket` : group;
}

function cellSource({ buckets }: Cells): SQL {
  if (!buckets) return sql`from keyed`;
  const values = sql.raw(buckets.map((number, index) => `(${index}, ${number})`).join(", "));
  return sql`from keyed join (values ${values}) as buckets (bucket, number) on ${t} = number`;
}

/** The bits of cells that belong to no listed group, by word. */
function unlistedOf(cells: Cells, words: number): SQL {
  const { keys, buckets, ranked } = cells;
  const list = (bits: (word: string) => string) =>
    sql.raw(Array.from({ length: words }, (_, word) => `${bits(String(word))} as r${word}`).join(", "));
  const bits = list(
    (word) =>
      `coalesce(bit_or(case when cell // ${WORD} = ${word} then 1::bigint << (cell % ${WORD})::integer end), 0)`,
  );
  const all = sql.raw(`select range as cell from range(${countOf(cells)})`);
  if (!ranked)
    return sql`select ${bits} from (${all}) where cell >= ${sql.raw(String(keys.length * (buckets?.length ?? 1)))}`;
  const { by, direction } = ranked.order;
  const isChange = by === "change";
  const ranks = [...(isChange ? [changeOf(sql.raw("n"), sql.raw("old"))] : []), sql.raw("n")];
  const sorted = ranks.map((rank) => sql`${rank} ${sql.raw(direction)} nulls last`);
  return sql`
    select ${bits}
    from (${all})
    where cell not in (
      select cell
      from (select unnest(m) as n, ${isChange ? sql`unnest(b) as old,` : sql``} generate_subscripts(m, 1) - 1 as cell from counts)
      where cell < ${sql.raw(String(keys.length))} order by ${sql.join(sorted, sql`, `)}, cell
      limit ${sql.raw(String(ranked.limit))}
    )`;
}
