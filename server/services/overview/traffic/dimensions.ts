import { type LogTable, type LogTableName, logTables } from "@/server/catalog";

/** Upper bounds of the response time buckets in milliseconds; the last bucket is unbounded. */
export const LATENCY_BOUNDS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

/** Maximum length of a value, since it is part of an index entry. */
const VALUE_LENGTH = 256;

/**
 * The dimensions of the counts, for tables that have the column, with the maximum number of values stored per hour and
 * per day. Days store fewer: ninety of them are summed per request, and a value outside the top 500 of every day is not
 * in the top ten overall.
 */
const DIMENSIONS = {
  path: { column: "request_path", expression: "request_path", limits: { hour: 1_000, day: 500 } },
  user: { column: "user_id", expression: "user_id", limits: { hour: 5_000, day: 500 } },
  action: { column: "action", expression: "action", limits: { hour: 2_000, day: 500 } },
  region: {
    column: "country",
    expression: "nullif(concat_ws(' / ', nullif(country, ''), nullif(region, '')), '')",
    limits: { hour: 500, day: 500 },
  },
} as const;

export type Dimension = keyof typeof DIMENSIONS;

const NAMES = Object.keys(DIMENSIONS) as Dimension[];

/** The dimensions of a log table. */
function dimensionsOf(name: LogTableName): Dimension[] {
  const table: LogTable = logTables[name];
  return NAMES.filter((dimension) => hasColumn(table, DIMENSIONS[dimension].column));
}

function hasColumn(table: LogTable, column: string): boolean {
  return table.columns.some(({ name }) => name === column);
}

interface CountStatements {
  /**
   * $1 hours of one day, $2 the time zone, $3 the stored dimensions. Counts the rows of each hour, and of its slots.
   */
  readonly hours: string;
  /** $1 the same hours. Aggregates their day from all of its hours. */
  readonly day: string;
}

/**
 * Builds the statements that count a table's rows. Each scans the rows, or the hours' counts, once for all dimensions,
 * and writes only changed counts.
 */
export function countStatements(name: LogTableName): CountStatements {
  const table: LogTable = logTables[name];
  const dimensions = dimensionsOf(name);
  const status = hasColumn(table, "status_code") ? "status_code" : "null::integer";
  const time = hasColumn(table, "response_time") ? "response_time" : "null::integer";
  const bounds = `array[${LATENCY_BOUNDS.map((bound) => bound + 1).join(", ")}]`;
  const values = dimensions.map(
    (dimension) => `,\n        left(${DIMENSIONS[dimension].expression}, ${VALUE_LENGTH}) as v_${dimension}`,
  );
  const keys = ["hour", "slot", "class", "latency", "status", ...dimensions.map((dimension) => `v_${dimension}`)];
  const sets = [["slot"], ["slot", "class"], ["slot", "latency"], ["status"], ...keys.slice(5).map((key) => [key])];
  // grouping() has one bit per key, the first one highest, set when the key is not in the set.
  const isSet = (...present: string[]) =>
    `bits = ${keys.reduce((bits, key, at) => bits + (["hour", ...present].includes(key) ? 0 : 2 ** (keys.length - 1 - at)), 0)}`;
  const figures = "rows, timed, time_sum, time_max";
  const sums =
    "sum(rows)::bigint as rows, sum(timed)::bigint as timed, sum(time_sum)::bigint as time_sum, max(time_max) as time_max";
  const ranked = dimensions.map(
    (dimension) => `
      select hour, '${dimension}' as dimension, v_${dimension} as value, ${DIMENSIONS[dimension].limits.hour} as limits, ${figures}
      from counted where ${isSet(`v_${dimension}`)} and v_${dimension} is not null`,
  );

  const missing = dimensions.map(
    (dimension) => `
      union all
      select 'hour', 'none', hour, '${dimension}', ${figures}
      from counted where ${isSet(`v_${dimension}`)} and v_${dimension} is null`,
  );

  const hours = `
    with source as (
      select
        date_trunc('hour', created_at, $2::text) as hour,
        date_bin('5 minutes', created_at, '2000-01-01Z') as slot,
        ${status} / 100 as class,
        width_bucket(${time}, ${bounds}) as latency,
        ${status} as status,
        ${time} as time${values.join("")}
      from ${table.tableName}
      where created_at >= (select min(hour) from unnest($1::timestamptz[]) as hour)
        and created_at < (select max(hour) + interval '1 hour' from unnest($1::timestamptz[]) as hour)
        and date_trunc('hour', created_at, $2::text) = any($1::timestamptz[])
    ),
    counted as materialized (
      select
        ${keys.join(", ")},
        grouping(${keys.join(", ")}) as bits,
        count(*) as rows,
        count(time) as timed,
        coalesce(sum(time), 0)::bigint as time_sum,
        coalesce(max(time), 0)::bigint as time_max
      from source
      group by grouping sets (${sets.map((set) => `(${["hour", ...set].join(", ")})`).join(", ")})
    ),
    slots as materialized (
      select 'all' as dimension, hour, slot, '' as value, ${figures} from counted where ${isSet("slot")}
      union all
      select 'class', hour, slot, class || 'xx', ${figures} from counted
      where ${isSet("slot", "class")} and class is not null
      union all
      select 'latency', hour, slot, latency::text, ${figures} from counted
      where ${isSet("slot", "latency")} and latency is not null
    ),
    ranked as materialized (
      select
        *,
        row_number() over (partition by hour, dimension order by rows desc, value) as rank,
        count(*) over (partition by hour, dimension) as values
      from (${ranked.join("\n      union all")}
      ) as valued
    ),
    fresh as materialized (
      select 'slot' as grain, dimension, slot as at, value, ${sums} from slots group by dimension, slot, value
      union all
      select 'hour', dimension, hour, value, ${sums} from slots group by dimension, hour, value
      union all
      select 'hour', 'status', hour, status::text, ${figures} from counted where ${isSet("status")} and status is not null
      union all
      select 'hour', dimension, hour, value, ${figures} from ranked where rank <= limits
      union all
      select 'hour', 'distinct', hour, dimension, values, (values > limits)::int, 0, 0 from ranked where rank = 1${missing.join("")}
    ),
    deleted as (
      delete from traffic as known
      where log_table = '${name}'
        and dimension = any($3::text[])
        and grain in ('slot', 'hour')
        and at >= (select min(hour) from unnest($1::timestamptz[]) as hour)
        and at < (select max(hour) + interval '1 hour' from unnest($1::timestamptz[]) as hour)
        and date_trunc('hour', at, $2::text) = any($1::timestamptz[])
        and not exists (
          select from fresh
          where fresh.grain = known.grain and fresh.dimension = known.dimension
            and fresh.at = known.at and fresh.value = known.value
        )
    )
    ${WRITE(name)}`;

  const dayOf = "date_trunc('day', ($1::timestamptz[])[1], $2::text)";
  const nextDay = `((${dayOf} at time zone $2::text) + interval '1 day') at time zone $2::text`;
  const dayDimensions = dimensions
    .map(
      (dimension) => `
      union all
      (select 'day', '${dimension}', ${dayOf}, value, ${figures} from summed where dimension = '${dimension}'
       order by rows desc, value limit ${DIMENSIONS[dimension].limits.day})
      union all
      select 'day', 'distinct', ${dayOf}, '${dimension}',
        greatest(count(*), (select max(rows) from hours where dimension = 'distinct' and value = '${dimension}')),
        greatest(
          (count(*) > ${DIMENSIONS[dimension].limits.day})::int,
          (select max(timed) from hours where dimension = 'distinct' and value = '${dimension}')
        ), 0, 0
      from summed where dimension = '${dimension}' having count(*) > 0`,
    )
    .join("");
  const day = `
    with hours as materialized (
      select dimension, value, ${figures}
      from traffic
      where log_table = '${name}' and grain = 'hour' and dimension = any($3::text[])
        and at >= ${dayOf} and at < ${nextDay}
    ),
    summed as materialized (
      select dimension, value, ${sums} from hours where dimension <> 'distinct' group by dimension, value
    ),
    fresh as materialized (
      select 'day' as grain, dimension, ${dayOf} as at, value, ${figures}
      from summed
      where dimension in ('all', 'class', 'latency', 'status', 'none')${dayDimensions}
    ),
    deleted as (
      delete from traffic as known
      where log_table = '${name}' and grain = 'day' and dimension = any($3::text[]) and at = ${dayOf}
        and not exists (select from fresh where fresh.dimension = known.dimension and fresh.value = known.value)
    )
    ${WRITE(name)}`;
  return { hours, day };
}

/** Writes `fresh`, except unchanged rows. */
const WRITE = (name: LogTableName) => `
    insert into traffic as known (log_table, grain, dimension, at, value, rows, timed, time_sum, time_max)
    select '${name}', grain, dimension, at, value, rows, timed, time_sum, time_max from fresh
    on conflict (log_table, grain, dimension, at, value) do update set
      rows = excluded.rows, timed = excluded.timed, time_sum = excluded.time_sum, time_max = excluded.time_max
    where (known.rows, known.timed, known.time_sum, known.time_max)
      is distinct from (excluded.rows, excluded.timed, excluded.time_sum, excluded.time_max)`;

/** Increase when `traffic` gets figures that older counts lack; all hours are then recounted. */
export const COUNTING_VERSION = 2;

/** All stored dimensions of a table, including derived ones. */
export function storedDimensions(name: LogTableName): string[] {
  return ["all", "class", "latency", "status", "none", "distinct", ...dimensionsOf(name)];
}
