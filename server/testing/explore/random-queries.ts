import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { ORDERS } from "@/server/catalog/explore";
import type { ExploreInput, Measure } from "@/server/services/explore/contract";
import { instantOf } from "./local-time";

/** A row of access_logs, with what queries derive from it. */
export interface ExploredRow {
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
export const ADDRESSES = [
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
export function randomRows(moments: readonly number[]): ExploredRow[] {
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
/** Filter expressions, and what they mean. */
export const FILTERS: readonly (readonly [string | undefined, (row: ExploredRow) => boolean])[] = [
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
      by: fc.constantFrom(...ORDERS),
      limit: fc.integer({ min: 1, max: 12 }),
      compare: fc.constantFrom(null, "previous" as const),
      include_archived: fc.boolean(),
    })
    .map(({ times, direction, by, ...query }) => {
      const [start, end] = times.toSorted();
      const isLong = Date.parse(end ?? "") - Date.parse(start ?? "") > 60 * 86_400_000;
      const interval = query.interval === "1h" && isLong ? "1d" : query.interval;
      const order_by = { measure: 0, direction, ...(query.compare && { by }) };
      return { table: "access_logs", start_date: start, end_date: end, ...query, order_by, interval };
    });
}
