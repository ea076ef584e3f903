import { type SQL, sql } from "drizzle-orm";
import { logTables } from "@/server/catalog";
import { filterConditions } from "@/server/services/logs";
import type { ExportColumn } from "../columns";
import type { ExportParams } from "../contract";
import type { SheetSource } from "../export-plan";
import { groupOnce } from "./grouped";

/** Maximum number of listed paths, users and addresses. */
const MAX_LISTED = 1_000;
const PERCENTILES = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

type Range = Pick<ExportParams, "start_date" | "end_date">;

/** Scans each log table once. */
export function reportStatements(range: Range, timeZone: string): SQL[] {
  return [
    // Hashed groups of a million paths or users need memory; beyond it PostgreSQL spills to disk.
    sql`set local work_mem = '64MB'`,
    requests(range, timeZone).statement,
    activities(range, timeZone).statement,
  ];
}

/** The sheets, each reading the results of the statements. */
export function reportSheets(range: Range, timeZone: string): SheetSource[] {
  const access = requests(range, timeZone);
  const actions = activities(range, timeZone);
  const sheet = (title: string, columns: readonly ExportColumn[], from: SQL, order: SQL): SheetSource => ({
    title,
    columns,
    from,
    order,
  });
  return [
    sheet("overview", OVERVIEW, overview(access, actions), sql`position`),
    sheet("by_day", [day, ...sums], access.by("day"), sql`day`),
    sheet("by_hour", [integer("hour"), ...sums], access.by("hour"), sql`hour`),
    sheet(
      "status_codes",
      [code("status_code"), ...sums],
      labelled(access.by("status_code"), "status_code"),
      sql`status_code = ${NONE}, length(status_code), status_code`,
    ),
    ...MAX_USED.map(([title, column]) =>
      sheet(
        title,
        [text(column), ...sums],
        topGroups(access.by(column), column),
        sql`place, requests desc, ${sql.identifier(column)}`,
      ),
    ),
    sheet(
      "devices_and_browsers",
      [text("device_type"), text("browser"), text("os"), ...sums],
      labelled(access.by("device_type", "browser", "os"), "device_type", "browser", "os"),
      sql`requests desc, device_type, browser, os`,
    ),
    sheet(
      "response_times",
      [number("percentile"), integer("response_time_ms")],
      percentiles(access.by("response_time")),
      sql`percentile`,
    ),
    sheet(
      "actions",
      [text("action"), number("activities"), number("users")],
      actionUsers(actions),
      sql`activities desc, action`,
    ),
  ];
}

const text = (name: string): ExportColumn => ({ name, kind: "text" });
const code = (name: string): ExportColumn => ({ name, kind: "code" });
const integer = (name: string): ExportColumn => ({ name, kind: "integer" });
const number = (name: string): ExportColumn => ({ name, kind: "number" });
const day: ExportColumn = { name: "day", kind: "day" };
const OVERVIEW = [text("metric"), number("value"), text("note")];
const sums = ["requests", "client_errors", "server_errors", "average_response_time_ms"].map(number);

const MAX_USED = [
  ["paths", "request_path"],
  ["users", "user_id"],
  ["addresses", "ip_address"],
] as const;

/** Labels for empty values, and for all values that are not listed. */
const NONE = "(none)";
const OTHERS = "(others)";

/** The groups, with a label in place of null keys. */
function labelled(groups: SQL, ...keys: string[]): SQL {
  const labels = sql.join(
    keys.map((key) => sql`coalesce(${sql.identifier(key)}::text, ${NONE}) as ${sql.identifier(key)}`),
    sql`, `,
  );
  return sql`(
    select ${labels}, requests, client_errors, server_errors, average_response_time_ms
    from ${groups}
  ) as labelled`;
}

/** The groups with the most requests, then the remaining ones, then empty values: together all requests. */
function topGroups(groups: SQL, key: "request_path" | "user_id" | "ip_address"): SQL {
  const name = sql.identifier(key);
  const value = key === "ip_address" ? sql`host(${name})` : name;
  const figures = sql.raw("requests, client_errors, server_errors, average_response_time_ms");
  return sql`(
    with ranked as (
      select *, row_number() over (order by ${name} is null, requests desc, ${name}) as rank
      from ${groups}
    )
    select 0 as place, ${value} as ${name}, ${figures}
    from ranked
    where ${name} is not null and rank <= ${MAX_LISTED}
    union all
    select
      1, ${OTHERS}, sum(requests), sum(client_errors), sum(server_errors),
      round(sum(response_time_sum) / nullif(sum(timed), 0), 1)
    from ranked
    where ${name} is not null and rank > ${MAX_LISTED}
    having count(*) > 0
    union all
    select 2, ${NONE}, ${figures}
    from ranked
    where ${name} is null
  ) as ranking`;
}

function scan(name: "access_logs" | "user_activities", range: Range, timeZone: string, columns: SQL): SQL {
  const table = logTables[name];
  const conditions = filterConditions(table, { start_date: range.start_date, end_date: range.end_date }, timeZone);
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  return sql`(select ${columns} from ${sql.identifier(table.tableName)} ${where}) as scanned`;
}

function requests(range: Range, timeZone: string) {
  // The session uses the report's time zone.
  const columns = sql`
    created_at, created_at::date as day, extract(hour from created_at)::int as hour,
    status_code, request_path, user_id, ip_address, device_type, browser, os, response_time`;
  return groupOnce({
    table: "report_requests",
    source: scan("access_logs", range, timeZone, columns),
    groupings: [
      [],
      ["day"],
      ["hour"],
      ["status_code"],
      ["request_path"],
      ["user_id"],
      ["ip_address"],
      ["device_type", "browser", "os"],
      ["response_time"],
    ],
    sums: sql`
      count(*) as requests,
      count(*) filter (where status_code between 400 and 499) as client_errors,
      count(*) filter (where status_code between 500 and 599) as server_errors,
      round(avg(response_time), 1) as average_response_time_ms,
      count(response_time) as timed,
      sum(response_time) as response_time_sum,
      min(created_at) as first_at,
      max(created_at) as last_at`,
  });
}

function activities(range: Range, timeZone: string) {
  return groupOnce({
    table: "report_activities",
    source: scan("user_activities", range, timeZone, sql`action, user_id`),
    groupings: [[], ["action"], ["user_id"], ["action", "user_id"]],
    sums: sql`count(*) as activities`,
  });
}

function actionUsers(actions: ReturnType<typeof activities>): SQL {
  return sql`(
    select action, sum(activities) as activities, count(*) as users
    from ${actions.by("action", "user_id")}
    group by action
  ) as by_action`;
}

/** Nearest-rank percentiles over the number of requests per millisecond value. */
function percentiles(times: SQL): SQL {
  const wanted = sql.join(
    PERCENTILES.map((share) => sql`(${share}::numeric)`),
    sql`, `,
  );
  return sql`(
    select trim_scale(share * 100) as percentile, min(response_time) as response_time_ms
    from (
      select response_time, sum(requests) over (order by response_time) as up_to, sum(requests) over () as requests
      from ${times}
      where response_time is not null
    ) as ranked
    join (values ${wanted}) as wanted (share) on up_to >= share * requests
    group by share
  ) as percentiles`;
}

function overview(access: ReturnType<typeof requests>, actions: ReturnType<typeof activities>): SQL {
  const one = (position: number, metric: string, value: SQL, note: SQL, from: SQL) =>
    sql`select ${position}::int as position, ${metric}::text as metric, (${value})::numeric as value, (${note})::text as note from ${from}`;
  const nothing = sql`null`;
  const instant = (column: SQL) => sql`to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')`;
  const distinct = (from: SQL, column: string) =>
    sql`(select * from ${from} where ${sql.identifier(column)} is not null) as known`;
  const note = `only the ${MAX_LISTED.toLocaleString("en")} with the most requests are listed`;
  const cut = sql`case when count(*) > ${MAX_LISTED} then ${note} end`;
  return sql`(${sql.join(
    [
      one(1, "requests", sql`requests`, nothing, access.by()),
      one(2, "client_errors", sql`client_errors`, sql`'4xx'`, access.by()),
      one(3, "server_errors", sql`server_errors`, sql`'5xx'`, access.by()),
      one(4, "average_response_time_ms", sql`average_response_time_ms`, nothing, access.by()),
      one(5, "first_request", nothing, instant(sql`first_at`), access.by()),
      one(6, "last_request", nothing, instant(sql`last_at`), access.by()),
      one(7, "users", sql`count(*)`, cut, distinct(access.by("user_id"), "user_id")),
      one(8, "addresses", sql`count(*)`, cut, distinct(access.by("ip_address"), "ip_address")),
      one(9, "paths", sql`count(*)`, cut, distinct(access.by("request_path"), "request_path")),
      one(10, "activities", sql`activities`, nothing, actions.by()),
      one(11, "active_users", sql`count(*)`, nothing, distinct(actions.by("user_id"), "user_id")),
    ],
    sql` union all `,
  )}) as overview`;
}
