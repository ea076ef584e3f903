import type { LogTableName } from "@/server/catalog";
import type { PanelView } from "@/server/catalog/dashboards";
import type { PanelQuery } from "./dashboard";

export const BUILT_IN = ["traffic", "activity"] as const;
export type BuiltInName = (typeof BUILT_IN)[number];

/** A panel of a dashboard that ships with the product; its title is the message of its name. */
export interface BuiltInPanel<Name extends string> {
  readonly name: Name;
  readonly view: PanelView;
  readonly at: readonly [x: number, y: number, w: number, h: number];
  readonly query: PanelQuery;
}

const HOURS_OF_WEEK = 24 * 7;

function query(table: LogTableName, parts: Partial<PanelQuery>): PanelQuery {
  return {
    table,
    include_archived: false,
    measures: [{ fn: "count" }],
    group_by: [],
    interval: null,
    order_by: { measure: 0, direction: "desc" },
    limit: 10,
    compare: null,
    ...parts,
  };
}

const requests = (parts: Partial<PanelQuery>) => query("access_logs", parts);
const activities = (parts: Partial<PanelQuery>) => query("user_activities", parts);
const week = { group_by: ["weekday", "hour_of_day"], limit: HOURS_OF_WEEK };

export const TRAFFIC = [
  {
    name: "figures",
    view: "number",
    at: [0, 0, 4, 5],
    query: requests({
      measures: [{ fn: "count" }, { fn: "error_rate" }, { fn: "p95", field: "response_time" }],
      compare: "previous",
    }),
  },
  {
    name: "requests",
    view: "stacked",
    at: [4, 0, 8, 5],
    query: requests({ group_by: ["status_class"], interval: "auto" }),
  },
  {
    name: "latency",
    view: "line",
    at: [0, 5, 6, 4],
    query: requests({
      measures: [
        { fn: "p50", field: "response_time" },
        { fn: "p95", field: "response_time" },
      ],
      interval: "auto",
    }),
  },
  {
    name: "slowest",
    view: "bars",
    at: [6, 5, 6, 4],
    query: requests({ measures: [{ fn: "p95", field: "response_time" }], group_by: ["route"] }),
  },
  {
    name: "routes",
    view: "table",
    at: [0, 9, 6, 5],
    query: requests({
      measures: [{ fn: "count" }, { fn: "error_rate" }, { fn: "p95", field: "response_time" }],
      group_by: ["route"],
    }),
  },
  {
    name: "failures",
    view: "table",
    at: [6, 9, 6, 5],
    query: requests({ filter: "status_code >= 400", group_by: ["route", "status_code"] }),
  },
  { name: "hours", view: "heat", at: [0, 14, 6, 4], query: requests(week) },
  { name: "referrers", view: "bars", at: [6, 14, 3, 4], query: requests({ group_by: ["referer_host"], limit: 6 }) },
  { name: "bots", view: "bars", at: [9, 14, 3, 4], query: requests({ group_by: ["is_bot"] }) },
] as const satisfies readonly BuiltInPanel<string>[];

export const ACTIVITY = [
  {
    name: "figures",
    view: "number",
    at: [0, 0, 4, 5],
    query: activities({
      measures: [{ fn: "distinct", field: "user_id" }, { fn: "distinct", field: "session_id" }, { fn: "count" }],
      compare: "previous",
    }),
  },
  {
    name: "actions",
    view: "stacked",
    at: [4, 0, 8, 5],
    query: activities({ group_by: ["action"], interval: "auto", limit: 6 }),
  },
  {
    name: "users",
    view: "line",
    at: [0, 5, 6, 4],
    query: activities({ measures: [{ fn: "distinct", field: "user_id" }], interval: "auto" }),
  },
  { name: "active", view: "bars", at: [6, 5, 6, 4], query: activities({ group_by: ["user_id"] }) },
  {
    name: "byAction",
    view: "table",
    at: [0, 9, 6, 5],
    query: activities({ measures: [{ fn: "count" }, { fn: "distinct", field: "user_id" }], group_by: ["action"] }),
  },
  {
    name: "resources",
    view: "table",
    at: [6, 9, 6, 5],
    query: activities({
      measures: [{ fn: "count" }, { fn: "distinct", field: "user_id" }],
      group_by: ["resource_type", "action"],
    }),
  },
  { name: "hours", view: "heat", at: [0, 14, 12, 4], query: activities(week) },
] as const satisfies readonly BuiltInPanel<string>[];
