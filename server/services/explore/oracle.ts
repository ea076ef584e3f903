import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { ExploreInput, ExploreQuery, ExploreValue, Measure } from "./contract";

/** An independent computation of queries, for tests: over rows in memory, in exact arithmetic, without SQL. */

export interface OracleRow {
  readonly id: string;
  readonly created_at: string;
  readonly ip_address: string;
  readonly block: string;
  readonly request_path: string;
  readonly route: string;
  readonly user_agent: string | null;
  readonly is_bot: string | null;
  readonly referer: string | null;
  readonly referer_host: string | null;
  readonly user_id: string | null;
  readonly status_code: number | null;
  readonly response_time: number | null;
  /** The text of a document. */
  readonly extra: string | null;
  readonly price: string | null;
  readonly label: string | null;
}

const PATHS = [
  ["/cases/123", "/cases/:id"],
  ["/cases/9f0c1b2a-0000-4000-8000-0123456789ab/files", "/cases/:id/files"],
  ["/搜索?q=1", "/搜索"],
  ["/a,\"b\"\n'c'", "/a,\"b\"\n'c'"],
  ["/plain", "/plain"],
] as const;
const AGENTS = [
  [null, null],
  ["Mozilla/5.0 Chrome/120", "false"],
  ["Googlebot/2.1", "true"],
  ["curl/8", "true"],
] as const;
const REFERERS = [
  [null, null],
  ["https://www.Example.com/a", "example.com"],
  ["nonsense", null],
  ["http://a.test:80/?x", "a.test"],
] as const;
const ADDRESSES = [
  ["10.0.0.7", "10.0.0.0/24"],
  ["10.0.0.200", "10.0.0.0/24"],
  ["192.168.255.1", "192.168.255.0/24"],
  ["2001:db8::1", "2001:db8::/64"],
  ["2001:db8:0:5::9", "2001:db8:0:5::/64"],
] as const;
const USERS = [
  null,
  "",
  "a",
  "A",
  "'; drop table x; --",
  '"quoted", and,commas',
  "line\nfeed\ttab",
  "京终🙂",
  "\\N",
  "e\u0301",
  "null",
];
const PRICES = [
  null,
  "0.1",
  "0.2",
  "1.10",
  "-3.5",
  "0",
  "999999999999999999",
  "123456789012345678.000000000001",
  "1e3",
  "7",
];
const LABELS = [null, "刑事", 'a "b" \\ c', "", "7", "\u001f"];

/** 400 rows within a few days of each moment. */
export function randomRows(moments: readonly number[]): OracleRow[] {
  let state = 20_261_130;
  const whole = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(values: readonly T[]): T => values[whole(values.length)] as T;
  return Array.from({ length: 400 }, () => {
    const micros =
      BigInt(pick(moments) + (whole(97) - 48) * 3_600_000 + whole(4) * 900_000) * 1_000n +
      BigInt(pick([0, 1, 999_999, 59_999_999]));
    const [path, route] = pick(PATHS);
    const [agent, isBot] = pick(AGENTS);
    const [referer, host] = pick(REFERERS);
    const [address, block] = pick(ADDRESSES);
    const price = pick(PRICES);
    const label = pick(LABELS);
    const members = [
      ...(price === null ? (whole(2) ? ['"price": null'] : ['"price": "12"']) : [`"price": ${price}`]),
      ...(label === null ? [] : [`"案 由": {"label": ${JSON.stringify(label)}}`]),
    ];
    return {
      id: randomUUID(),
      created_at: instantOf(micros),
      ip_address: address,
      block,
      request_path: path,
      route,
      user_agent: agent,
      is_bot: isBot,
      referer,
      referer_host: host,
      user_id: pick(USERS),
      status_code: pick([null, 200, 200, 301, 404, 500, 503, 599]),
      response_time: pick([null, 0, 1, 5, 5, 250, 60_000, 2_147_483_647]),
      extra: whole(6) === 0 ? null : `{${members.join(", ")}}`,
      price,
      label,
    };
  }).map((row) => (row.extra === null ? { ...row, price: null, label: null } : row));
}

const GROUPS = [
  "user_id",
  "request_path",
  "route",
  "referer_host",
  "status_class",
  "is_bot",
  "status_code",
  "ip_address",
  "ip_block",
  "hour_of_day",
  "weekday",
  "extra.price",
  'extra."案 由".label',
];
const MEASURED = ["response_time", "status_code", "extra.price"];
const MEASURES: readonly Measure[] = [
  { fn: "count" },
  { fn: "error_rate" },
  ...GROUPS.filter((field) => field !== "extra.price").map((field): Measure => ({ fn: "distinct", field })),
  ...(["sum", "avg", "min", "max", "p50", "p90", "p95", "p99"] as const).flatMap((fn) =>
    MEASURED.map((field): Measure => ({ fn, field })),
  ),
  { fn: "min", field: "created_at" },
  { fn: "max", field: "created_at" },
];
const FILTERS: readonly (readonly [string | undefined, (row: OracleRow) => boolean])[] = [
  [undefined, () => true],
  [undefined, () => true],
  ["status_code:5xx", ({ status_code }) => status_code !== null && status_code >= 500],
  ["route:/cases/*", ({ route }) => route.startsWith("/cases/")],
  ["not user_id:null", ({ user_id }) => user_id !== null],
  ["extra.price > 0.15", ({ price }) => price !== null && Number(price) > 0.15],
  ["user_id:nobody", () => false],
];

/** Queries whose periods start and end near the moments. */
export function randomQuery(moments: readonly number[]): fc.Arbitrary<ExploreInput> {
  const time = fc
    .tuple(fc.constantFrom(...moments), fc.integer({ min: -200, max: 200 }))
    .map(([moment, quarters]) => new Date(moment + quarters * 900_000).toISOString());
  return fc
    .record({
      times: fc.tuple(time, time).filter(([one, other]) => one !== other),
      filter: fc.constantFrom(...FILTERS.map(([filter]) => filter)),
      time_zone: fc.constantFrom("America/New_York", "Asia/Shanghai", "Asia/Kathmandu"),
      measures: fc.array(fc.constantFrom(...MEASURES), { minLength: 1, maxLength: 4 }),
      group_by: fc.uniqueArray(fc.constantFrom(...GROUPS), { maxLength: 3 }),
      interval: fc.constantFrom(null, null, "1h" as const, "1d" as const, "1w" as const, "1M" as const),
      direction: fc.constantFrom("asc" as const, "desc" as const),
      limit: fc.integer({ min: 1, max: 12 }),
      compare: fc.constantFrom(null, "previous" as const),
    })
    .map(({ times, direction, ...query }) => {
      const [start, end] = times.toSorted();
      const isLong = Date.parse(end ?? "") - Date.parse(start ?? "") > 60 * 86_400_000;
      const interval = query.interval === "1h" && isLong ? "1d" : query.interval;
      const order_by = { measure: 0, direction };
      return { table: "access_logs", start_date: start, end_date: end, ...query, order_by, interval };
    });
}

/** The fields of an answer that depend on the rows. */
export function computeAnswer(all: readonly OracleRow[], query: ExploreQuery) {
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
  const keyOf = (row: OracleRow) => query.group_by.map((field) => groupValue(row, field, zone));
  const values = (rows: readonly OracleRow[], old: readonly OracleRow[] | null) =>
    query.measures.flatMap((measure) => [
      measured(rows, measure, zone),
      ...(old ? [measured(old, measure, zone)] : []),
    ]);
  const partition = (rows: readonly OracleRow[]) => {
    const groups = new Map<string, OracleRow[]>();
    for (const row of rows) {
      const key = JSON.stringify(keyOf(row));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    return groups;
  };
  const groups = [...partition(now)].map(([key, rows]) => ({ key, values: JSON.parse(key) as ExploreValue[], rows }));
  const first = query.measures[query.order_by.measure] ?? { fn: "count" };
  groups.sort((one, other) => {
    const [a, b] = [measured(one.rows, first, zone), measured(other.rows, first, zone)];
    return (
      ranked(a, b, query.order_by.direction) ||
      compareKeys(sortKey(one.rows, query, zone), sortKey(other.rows, query, zone))
    );
  });
  const listed = groups.slice(0, query.limit);
  const places = new Map(listed.map(({ key }, index) => [key, index]));
  const old = before ? partition(before) : null;
  const isOther = (row: OracleRow) => !places.has(JSON.stringify(keyOf(row)));
  const hasGroups = query.group_by.length > 0;
  const others = { now: now.filter(isOther), before: before?.filter(isOther) ?? null };
  const hasOthers = hasGroups && others.now.length + (others.before?.length ?? 0) > 0;
  const width = query.interval === "auto" ? null : query.interval;
  const buckets = new Map<string, Map<number, { now: OracleRow[]; before: OracleRow[] }>>();
  if (width) {
    const add = (row: OracleRow, period: "now" | "before") => {
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

function groupValue(row: OracleRow, field: string, zone: string): ExploreValue {
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

function measured(rows: readonly OracleRow[], { fn, field = "" }: Measure, zone: string): ExploreValue {
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
  const numbers = rows
    .map((row) => (field === "extra.price" ? row.price : field === "status_code" ? row.status_code : row.response_time))
    .flatMap((value) => (value === null ? [] : [exact(String(value))]))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (numbers.length === 0) return null;
  const total = numbers.reduce((sum, number) => sum + number, 0n);
  const count = BigInt(numbers.length);
  const percent = { p50: 50n, p90: 90n, p95: 95n, p99: 99n, min: 0n, max: 100n, sum: 0n, avg: 0n }[fn];
  if (fn === "sum") return Number(`${total}e-${SCALE}`);
  if (fn === "avg") return Number(`${(total * 10n ** 60n) / count}e-${60n + SCALE}`);
  const rank = (percent * count + 99n) / 100n;
  return Number(`${numbers[Math.max(0, Number(rank) - 1)]}e-${SCALE}`);
}

function ranked(a: ExploreValue, b: ExploreValue, direction: "asc" | "desc"): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (a === b) return 0;
  return (a < b ? -1 : 1) * (direction === "asc" ? 1 : -1);
}

/** Addresses are ordered by block as bytes, others as shown. */
function sortKey([row]: readonly OracleRow[], { group_by }: ExploreQuery, zone: string): ExploreValue[] {
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

interface LocalTime {
  readonly date: string;
  readonly hour: number;
  readonly weekday: number;
  readonly minute: number;
}

const localTimes = new Map<string, LocalTime>();

/** Remembered, because a month is searched in steps of quarters of an hour. */
function local(micros: bigint, zone: string): LocalTime {
  const key = `${zone} ${micros / 60_000_000n}`;
  const known = localTimes.get(key);
  if (known) return known;
  const found = readClock(micros, zone);
  localTimes.set(key, found);
  return found;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function readClock(micros: bigint, zone: string): LocalTime {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  clocks.set(zone, clock);
  const parts = Object.fromEntries(
    clock.formatToParts(new Date(Number(micros / 1_000n))).map(({ type, value }) => [type, value]),
  );
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  return {
    date,
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    weekday: ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1,
  };
}

/** The start of the bucket: found by going back in time while the clock shows the same hour or date. */
function bucketOf(micros: bigint, width: string, zone: string): string {
  const minute = 60_000_000n;
  let at = micros - (micros % minute);
  if (width === "1h") return instantOf(at - BigInt(local(at, zone).minute) * minute);
  const { date, weekday } = local(at, zone);
  const back = new Date(`${date}T00:00:00Z`);
  const days = width === "1w" ? weekday - 1 : width === "1M" ? back.getUTCDate() - 1 : 0;
  const first = new Date(back.getTime() - days * 86_400_000).toISOString().slice(0, 10);
  at -= at % (15n * minute);
  while (local(at - 15n * minute, zone).date >= first) at -= 15n * minute;
  return instantOf(at);
}

function microsOf(time: string): bigint {
  return (
    BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000n +
    BigInt((time.slice(20).replace("Z", "") || "0").padEnd(6, "0"))
  );
}

function instantOf(micros: bigint): string {
  return `${new Date(Number(micros / 1_000n)).toISOString().slice(0, 19)}.${String(micros % 1_000_000n).padStart(6, "0")}Z`;
}
