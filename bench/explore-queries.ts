import type { LogTableName } from "@/server/catalog";
import type { ExploreInput, Measure } from "@/server/services/explore/contract";
import { NEEDLE } from "./columns-data";

/** A condition in the filter language, and the same for DuckDB. */
interface Condition {
  readonly filter: string;
  readonly bare: string;
}

export interface BenchQuery {
  readonly query: ExploreInput;
  /** Only the last days; by default, all rows. */
  readonly days?: number;
  readonly condition?: Condition;
}

const ERRORS = { filter: "status_code:5xx", bare: "status_code between 500 and 599" };
const SLOW = { filter: "response_time>1000", bare: "response_time > 1000" };
const NETWORK = { filter: "ip_address:36.112.0.0/16", bare: "starts_with(lower(hex(ip_address_bytes)), '042470')" };
const WORD = { filter: NEEDLE, bare: `contains(lower(user_agent), '${NEEDLE}')` };
const PATH = { filter: "request_path:/api/*", bare: "starts_with(request_path, '/api/')" };
const PAYMENTS = { filter: "action:pay*", bare: "starts_with(action, 'pay')" };
const CITY = {
  filter: 'details."城市":"上海"',
  bare: `json_extract_string(details, '$."城市"') = '上海'`,
};

export const ZONE = "Asia/Shanghai";
const measure = (fn: Measure["fn"], field?: string): Measure => (field === undefined ? { fn } : { fn, field });
const COUNT = measure("count");

function on(table: LogTableName) {
  return (
    group_by: string[],
    measures: Measure[] = [COUNT],
    { days, ...rest }: Partial<ExploreInput> & { readonly days?: number } = {},
    condition?: Condition,
  ): BenchQuery => ({
    query: { table, group_by, measures, time_zone: ZONE, ...rest, ...(condition && { filter: condition.filter }) },
    ...(days !== undefined && { days }),
    ...(condition && { condition }),
  });
}
const requests = on("access_logs");
const activities = on("user_activities");

/** 40 queries that together use each field and each measure, with and without filters, over the whole time. */
export const QUERIES: readonly BenchQuery[] = [
  requests([]),
  requests(["request_path"]),
  requests(["route"], [COUNT, measure("p95", "response_time")]),
  requests(["route"], [measure("error_rate")], {}, PATH),
  requests(["ip_address"]),
  requests(["ip_block"], [COUNT, measure("error_rate")]),
  requests(["user_id"], [COUNT]),
  requests(["session_id"]),
  requests(["user_agent"]),
  requests(["referer"]),
  requests(["referer_host"]),
  requests(["request_method"], [COUNT, measure("avg", "response_time")]),
  requests(["status_code"]),
  requests(["status_class"], [COUNT], { interval: "1d" }),
  requests(["device_type"], [measure("distinct", "user_id")]),
  requests(["browser"], [measure("p50", "response_time"), measure("p99", "response_time")]),
  requests(["os"], [measure("sum", "response_time")]),
  requests(["country"], [measure("min", "response_time"), measure("max", "response_time")]),
  requests(["region"], [measure("distinct", "session_id")]),
  requests(["city"], [COUNT], { compare: "previous", days: 45 }),
  requests(["is_bot"]),
  requests(["hour_of_day", "weekday"]),
  requests(["region", "browser"], [measure("p90", "response_time")]),
  requests(["request_method", "status_class", "device_type"]),
  requests([], [COUNT], { interval: "1h", days: 30 }),
  requests([], [measure("distinct", "user_id")], { interval: "1d" }),
  requests(["request_path"], [COUNT], {}, ERRORS),
  requests(["ip_address"], [COUNT], {}, ERRORS),
  requests(["browser"], [COUNT], { interval: "1d" }, ERRORS),
  requests(["route"], [measure("p99", "response_time")], {}, SLOW),
  requests(["region"], [measure("error_rate")], {}, NETWORK),
  requests(["browser"], [COUNT], {}, WORD),
  requests([], [measure("p95", "response_time")], { interval: "1d" }),
  activities(["action"]),
  activities(["user_id"], [COUNT], {}, PAYMENTS),
  activities(["resource_type", "action"], [measure("distinct", "user_id")]),
  activities(["details.城市"]),
  activities(["action"], [COUNT], {}, CITY),
  activities(["details.渠道"], [measure("sum", "details.金额"), measure("avg", "details.金额")], {}, PAYMENTS),
  activities([], [measure("distinct", "user_id")], { interval: "1w" }),
];
