import {
  createLoader,
  createParser,
  createSerializer,
  parseAsArrayOf,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import {
  INTERVALS,
  type Interval,
  MEASURE_FUNCTIONS,
  type MeasureFunction,
  type Order,
} from "@/server/catalog/explore";
import { FILTER_PARAMETER, filterNames } from "@/server/catalog/filter";
import type { FilterParameters } from "../filter-bar/filters";
import { rangeDates, type TimeRange } from "../time-range/range";
import { rangeParsers, readRange, writeRange } from "../time-range/range-parameters";
import type { ExploreInput, Measure } from "./types";

/** How an answer is displayed; `auto` chooses by the question. */
export const EXPLORE_VIEWS = ["auto", "line", "stacked", "bars", "heat", "table"] as const;
export type ExploreView = (typeof EXPLORE_VIEWS)[number];

export const MAX_MEASURES = 10;
export const MAX_GROUPS = 3;
export const MAX_LIMIT = 1_000;
const DEFAULT_RANGE: TimeRange = { last: "24h" };
const DEFAULT_LIMIT = 10;

/** A question about log rows, as the user phrases it: with a relative time range. */
export interface ExploreQuestion {
  readonly table: LogTableName;
  /** By parameter, as in the URLs of the log pages. */
  readonly filters: FilterParameters;
  readonly range: TimeRange;
  /** At least one. */
  readonly measures: readonly Measure[];
  /** Fields as in filter expressions. */
  readonly groups: readonly string[];
  readonly interval: Interval | null;
  /** How groups are ranked: by the measure of this index, or by its change since the previous period. */
  readonly order: { readonly measure: number; readonly direction: "asc" | "desc"; readonly by: Order };
  readonly limit: number;
  readonly compare: boolean;
  /** Whether archived rows are included. */
  readonly archived: boolean;
}

export const DEFAULT_QUESTION: ExploreQuestion = {
  table: "access_logs",
  filters: {},
  range: DEFAULT_RANGE,
  measures: [{ fn: "count" }],
  groups: [],
  interval: null,
  order: { measure: 0, direction: "desc", by: "value" },
  limit: DEFAULT_LIMIT,
  compare: false,
  archived: false,
};

const FIELDLESS: readonly MeasureFunction[] = ["count", "error_rate"];

/** Whether the function measures a field. */
export function hasField(fn: MeasureFunction): boolean {
  return !FIELDLESS.includes(fn);
}

/** Returns the name of a measure in URLs and in the columns of answers: `count`, `p95(response_time)`. */
export function measureName({ fn, field }: Measure): string {
  return field === undefined ? fn : `${fn}(${field})`;
}

const parseAsMeasure = createParser<Measure>({
  parse: (text) => {
    const [, name, field] = /^(\w+)(?:\((.+)\))?$/su.exec(text) ?? [];
    const fn = MEASURE_FUNCTIONS.find((known) => known === name);
    if (!fn || hasField(fn) !== (field !== undefined)) return null;
    return field === undefined ? { fn } : { fn, field };
  },
  serialize: measureName,
});

/** `0` ranks by the first measure, highest first; `-0` lowest first; `~0` by its change. */
const parseAsOrder = createParser<ExploreQuestion["order"]>({
  parse: (text) => {
    const [, sign, change, digit] = /^(-?)(~?)(\d)$/.exec(text) ?? [];
    if (digit === undefined) return null;
    return {
      measure: Number(digit),
      direction: sign === "-" ? "asc" : "desc",
      by: change === "~" ? "change" : "value",
    };
  },
  serialize: ({ measure, direction, by }) => `${direction === "asc" ? "-" : ""}${by === "change" ? "~" : ""}${measure}`,
});

const filterParsers = Object.fromEntries(
  LOG_TABLE_NAMES.flatMap((name) => filterNames(logTables[name])).map((name) => [name, parseAsString]),
);

/** The parameters of the page's URL beside the filters. */
const questionParsers = {
  table: parseAsStringLiteral(LOG_TABLE_NAMES),
  ...rangeParsers,
  show: parseAsArrayOf(parseAsMeasure),
  by: parseAsArrayOf(parseAsString),
  every: parseAsStringLiteral(INTERVALS),
  order: parseAsOrder,
  top: parseAsInteger,
  compare: parseAsStringLiteral(["previous"]),
  archived: parseAsStringLiteral(["1"]),
  view: parseAsStringLiteral(EXPLORE_VIEWS),
};

const parsers = { ...filterParsers, ...questionParsers };
const loadQuestion = createLoader(questionParsers);
const loadFilters = createLoader(filterParsers);
const serialize = createSerializer(parsers);

/** Parses the query of a URL. Unknown and invalid parameters have their defaults. */
export function readExplore(search: URLSearchParams | string): { question: ExploreQuestion; view: ExploreView } {
  const values = loadQuestion(search);
  const table = values.table ?? DEFAULT_QUESTION.table;
  const names = filterNames(logTables[table]);
  const filters = Object.entries(loadFilters(search)).filter(
    (entry): entry is [string, string] => Boolean(entry[1]) && names.includes(entry[0]),
  );
  const question = normalized({
    table,
    filters: Object.fromEntries(filters),
    range: readRange(values, DEFAULT_RANGE),
    measures: values.show ?? [],
    groups: (values.by ?? []).filter((field) => field !== ""),
    interval: values.every,
    order: values.order ?? DEFAULT_QUESTION.order,
    limit: values.top ?? DEFAULT_LIMIT,
    compare: values.compare !== null,
    archived: values.archived !== null,
  });
  return { question, view: values.view ?? "auto" };
}

/** Returns the URL query that readExplore parses, without what is the default: empty, or with a leading `?`. */
export function writeExplore(question: ExploreQuestion, view: ExploreView = "auto"): string {
  const { table, filters, range, measures, groups, interval, order, limit, compare, archived } = question;
  const isCount = measures.length === 1 && measures[0]?.fn === "count";
  return serialize({
    table: table === DEFAULT_QUESTION.table ? null : table,
    show: isCount ? null : [...measures],
    by: groups.length === 0 ? null : [...groups],
    every: interval,
    ...filters,
    ...writeRange(range, DEFAULT_RANGE),
    order: order.measure === 0 && order.direction === "desc" && order.by === "value" ? null : order,
    top: limit === DEFAULT_LIMIT ? null : limit,
    compare: compare ? "previous" : null,
    archived: archived ? "1" : null,
    view: view === "auto" ? null : view,
  });
}

/**
 * Returns the question with parts that fit together: an order by a measure that exists, by a change only with a
 * comparison, and no part twice.
 */
export function normalized(question: ExploreQuestion): ExploreQuestion {
  const byName = new Map(question.measures.map((measure) => [measureName(measure), measure]));
  const measures = byName.size === 0 ? DEFAULT_QUESTION.measures : [...byName.values()].slice(0, MAX_MEASURES);
  const { order, limit } = question;
  return {
    ...question,
    measures,
    groups: [...new Set(question.groups)].slice(0, MAX_GROUPS),
    order:
      order.measure >= measures.length
        ? DEFAULT_QUESTION.order
        : { ...order, by: question.compare ? order.by : "value" },
    limit: Math.max(1, Math.min(MAX_LIMIT, limit)),
  };
}

/**
 * Returns the question as a request.
 * @param now the end of a relative range, in milliseconds since 1970
 * @param timeZone the zone of days and hours
 */
export function exploreInput(question: ExploreQuestion, now: number, timeZone: string): ExploreInput {
  const { [FILTER_PARAMETER]: filter, ...filters } = question.filters;
  return {
    table: question.table,
    ...(filter ? { filter } : {}),
    ...(Object.keys(filters).length > 0 ? { filters } : {}),
    ...(question.archived ? { include_archived: true } : {}),
    ...rangeDates(question.range, now),
    time_zone: timeZone,
    measures: question.measures.map((measure) => ({ ...measure })),
    group_by: [...question.groups],
    interval: question.interval,
    order_by: { ...question.order },
    limit: question.limit,
    compare: question.compare ? "previous" : null,
  };
}
