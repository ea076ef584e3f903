import type { ExploreQuery, ExploreValue, Measure } from "@/server/services/explore/contract";
import { bucketOf, local, microsOf } from "./local-time";
import { ADDRESSES, type ExploredRow, FILTERS } from "./random-queries";

/**
 * Computes the fields of an answer that depend on the rows, independently of the product: over rows in memory, in exact
 * arithmetic, without SQL.
 */
export function computeAnswer(all: readonly ExploredRow[], query: ExploreQuery) {
  const zone = query.time_zone ?? "UTC";
  const start = microsOf(query.start_date ?? "");
  // The end is inclusive to its own precision.
  const end = microsOf(query.end_date ?? "") + 1_000n;
  const length = end - start;
  const matches = FILTERS.find(([filter]) => filter === query.filter)?.[1] ?? (() => true);
  const within = (from: bigint, to: bigint) =>
    all.filter((row) => matches(row) && microsOf(row.created_at) >= from && microsOf(row.created_at) < to);
  const now = within(start, end);
  const before = query.compare ? within(start - length, start) : null;
  const keyOf = (row: ExploredRow) => query.group_by.map((field) => groupValue(row, field, zone));
  const values = (rows: readonly ExploredRow[], old: readonly ExploredRow[] | null) =>
    query.measures.flatMap((measure) => [
      measured(rows, measure, zone),
      ...(old ? [measured(old, measure, zone)] : []),
    ]);
  const partition = (rows: readonly ExploredRow[]) => {
    const groups = new Map<string, ExploredRow[]>();
    for (const row of rows) {
      const key = JSON.stringify(keyOf(row));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    return groups;
  };
  const groups = [...partition(now)].map(([key, rows]) => ({ key, values: JSON.parse(key) as ExploreValue[], rows }));
  const old = before ? partition(before) : null;
  const first = query.measures[query.order_by.measure] ?? { fn: "count" };
  const change = ({ key, rows }: { key: string; rows: readonly ExploredRow[] }) =>
    query.order_by.by === "change"
      ? changeOf(measured(rows, first, zone), measured(old?.get(key) ?? [], first, zone))
      : 0;
  groups.sort((one, other) => {
    const { direction } = query.order_by;
    const [a, b] = [rankOf(one.rows, first, zone), rankOf(other.rows, first, zone)];
    return (
      ranked(change(one), change(other), direction) ||
      ranked(a, b, direction) ||
      compareKeys(sortKey(one.rows, query, zone), sortKey(other.rows, query, zone))
    );
  });
  const listed = groups.slice(0, query.limit);
  const places = new Map(listed.map(({ key }, index) => [key, index]));
  const isOther = (row: ExploredRow) => !places.has(JSON.stringify(keyOf(row)));
  const hasGroups = query.group_by.length > 0;
  const others = { now: now.filter(isOther), before: before?.filter(isOther) ?? null };
  const hasOthers = hasGroups && others.now.length + (others.before?.length ?? 0) > 0;
  const width = query.interval === "auto" ? null : query.interval;
  const buckets = new Map<string, Map<number, { now: ExploredRow[]; before: ExploredRow[] }>>();
  if (width) {
    const add = (row: ExploredRow, period: "now" | "before") => {
      const time = bucketOf(microsOf(row.created_at) + (period === "before" ? length : 0n), width, zone);
      const place = hasGroups ? (places.get(JSON.stringify(keyOf(row))) ?? Number.POSITIVE_INFINITY) : 0;
      const bucket = buckets.get(time) ?? new Map();
      const cell = bucket.get(place) ?? { now: [], before: [] };
      cell[period].push(row);
      buckets.set(time, bucket.set(place, cell));
    };
    for (const row of now) add(row, "now");
    for (const row of before ?? []) add(row, "before");
  }
  const cells = [...buckets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([time, bucket]) =>
      [...bucket]
        .sort(([a], [b]) => a - b)
        .map(([place, cell]) => ({ time, place, values: values(cell.now, before && cell.before) })),
    );
  return {
    columns: [
      ...(width ? ["time"] : []),
      ...query.group_by,
      ...query.measures.flatMap(({ fn, field }) => {
        const name = field === undefined ? fn : `${fn}(${field})`;
        return before ? [name, name] : [name];
      }),
    ],
    rows: width
      ? cells.flatMap(({ time, place, values }) =>
          place === Number.POSITIVE_INFINITY
            ? []
            : [[time, ...(hasGroups ? (listed[place]?.values ?? []) : []), ...values]],
        )
      : hasGroups
        ? listed.map(({ key, values: shown, rows }) => [...shown, ...values(rows, old && (old.get(key) ?? []))])
        : [values(now, before)],
    others: hasOthers ? values(others.now, others.before) : null,
    others_by_time:
      width && hasGroups
        ? cells.flatMap(({ time, place, values }) => (place === Number.POSITIVE_INFINITY ? [[time, ...values]] : []))
        : null,
    totals: values(now, before),
    group_count: hasGroups ? groups.length : null,
    rows_matched: now.length,
  };
}

function groupValue(row: ExploredRow, field: string, zone: string): ExploreValue {
  switch (field) {
    case "status_class":
      return row.status_code === null ? null : `${Math.floor(row.status_code / 100)}xx`;
    case "ip_block":
      return row.block;
    case "hour_of_day":
      return local(microsOf(row.created_at), zone).hour;
    case "weekday":
      return local(microsOf(row.created_at), zone).weekday;
    case "extra.price":
      // A text that is no number is a group too.
      return row.extra?.includes('"price": "12"') ? "12" : row.price === "1e3" ? "1000" : row.price;
    case 'extra."案 由".label':
      return row.label;
    case "user_id":
    case "request_path":
    case "route":
    case "referer_host":
    case "is_bot":
    case "ip_address":
    case "status_code":
      return row[field];
    default:
      throw new Error(field);
  }
}

const SCALE = 12n;

/** A number in units of 10^-12. */
function exact(text: string): bigint {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return BigInt(`${whole}${fraction.padEnd(Number(SCALE), "0")}`) * 10n ** BigInt(exponent);
}

/** The numbers of a field that rows have, in order. */
function numbersOf(rows: readonly ExploredRow[], field: string): bigint[] {
  return rows
    .map((row) => (field === "extra.price" ? row.price : field === "status_code" ? row.status_code : row.response_time))
    .flatMap((value) => (value === null ? [] : [exact(String(value))]))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** By what a group is ranked: by sums before they are rounded. */
function rankOf(rows: readonly ExploredRow[], measure: Measure, zone: string): ExploreValue | bigint {
  const numbers = measure.fn === "sum" ? numbersOf(rows, measure.field ?? "") : [];
  return numbers.length > 0 ? numbers.reduce((sum, number) => sum + number, 0n) : measured(rows, measure, zone);
}

function changeOf(now: ExploreValue, before: ExploreValue): number | null {
  const size = (value: ExploreValue) => (typeof value === "string" ? Number(microsOf(value)) : Number(value));
  if (now === null || before === null || size(before) === 0) return null;
  return (size(now) - size(before)) / Math.abs(size(before));
}

function measured(rows: readonly ExploredRow[], { fn, field = "" }: Measure, zone: string): ExploreValue {
  if (fn === "count") return rows.length;
  if (fn === "error_rate") {
    const known = rows.filter(({ status_code }) => status_code !== null);
    return known.length === 0
      ? null
      : known.filter(({ status_code }) => (status_code ?? 0) >= 500 && (status_code ?? 0) <= 599).length / known.length;
  }
  if (fn === "distinct")
    return new Set(rows.map((row) => groupValue(row, field, zone)).filter((value) => value !== null)).size;
  if (field === "created_at") {
    const times = rows.map(({ created_at }) => created_at).sort();
    return (fn === "min" ? times[0] : times.at(-1)) ?? null;
  }
  const numbers = numbersOf(rows, field);
  if (numbers.length === 0) return null;
  const total = numbers.reduce((sum, number) => sum + number, 0n);
  const count = BigInt(numbers.length);
  const percent = { p50: 50n, p90: 90n, p95: 95n, p99: 99n, min: 0n, max: 100n, sum: 0n, avg: 0n }[fn];
  if (fn === "sum") return Number(`${total}e-${SCALE}`);
  if (fn === "avg") return Number(`${(total * 10n ** 60n) / count}e-${60n + SCALE}`);
  const rank = (percent * count + 99n) / 100n;
  return Number(`${numbers[Math.max(0, Number(rank) - 1)]}e-${SCALE}`);
}

function ranked(a: ExploreValue | bigint, b: ExploreValue | bigint, direction: "asc" | "desc"): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (a === b) return 0;
  return (a < b ? -1 : 1) * (direction === "asc" ? 1 : -1);
}

/** Addresses are ordered by block as bytes, others as shown. */
function sortKey([row]: readonly ExploredRow[], { group_by }: ExploreQuery, zone: string): ExploreValue[] {
  return group_by.map((field) => {
    if (!row) return null;
    const value = groupValue(row, field, zone);
    if (field !== "ip_block") return value;
    return String(ADDRESSES.map(([, block]) => block).indexOf(row.block as never));
  });
}

function compareKeys(one: readonly ExploreValue[], other: readonly ExploreValue[]): number {
  for (const [index, a] of one.entries()) {
    const b = other[index] ?? null;
    if (a === b) continue;
    if (a === null || b === null) return a === null ? 1 : -1;
    if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
    return a < b ? -1 : 1;
  }
  return 0;
}
