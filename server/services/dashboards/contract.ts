import { z } from "zod";
import { ACCESS, GRID, MAX_PANELS, MAX_SHARES, PANEL_VIEWS, VISIBILITIES } from "@/server/catalog/dashboards";
import { RELATIVE_RANGES } from "@/server/catalog/time-ranges";
import { count, instant, wholeNumber } from "@/server/lib/contract";
import { exploreQuery } from "@/server/services/explore/contract";

const time = z.string().min(1).max(40);
const range = z
  .union([z.strictObject({ last: z.enum(RELATIVE_RANGES) }), z.strictObject({ start: time, end: time })])
  .nullable()
  .describe("The time range of all panels; null for all time");

/** A query without what its dashboard adds: the time range and its zone. */
const panelQuery = exploreQuery.omit({ start_date: true, end_date: true, time_zone: true, allow_slow: true });

const place = {
  x: wholeNumber(0, GRID.columns - 1).describe("The first column, from 0"),
  y: wholeNumber(0, GRID.maxRows).describe("The first row, from 0"),
  w: wholeNumber(GRID.minWidth, GRID.columns).describe("The width in columns"),
  h: wholeNumber(GRID.minHeight, GRID.maxHeight).describe("The height in rows"),
};

const panelFields = {
  id: z.string().regex(/^[\w-]{1,40}$/),
  title: z.string().trim().min(1).max(200),
  view: z.enum(PANEL_VIEWS),
  ...place,
};
const panel = z.strictObject({ ...panelFields, query: panelQuery });

const filter = z.string().max(10_000).describe("A filter expression that all panels have besides their own");

export const dashboardContent = z.strictObject({
  range,
  filter,
  panels: z
    .array(panel)
    .max(MAX_PANELS)
    .refine((panels) => new Set(panels.map(({ id }) => id)).size === panels.length, "The ids of panels are not unique.")
    .refine((panels) => panels.every(({ x, w }) => x + w <= GRID.columns), "A panel is not within the columns."),
});
export type DashboardContent = z.infer<typeof dashboardContent>;

const name = z.string().trim().min(1).max(100);
const visibility = z
  .enum(VISIBILITIES)
  .describe("private: only the owner; view: everyone may view it; edit: everyone may change its panels too");

/** Also an exported file. */
export const dashboardInput = z.strictObject({
  name,
  visibility: visibility.default("private"),
  content: dashboardContent,
});
export type DashboardInput = z.infer<typeof dashboardInput>;

export const dashboardKey = z.strictObject({ id: z.guid() });

export const dashboardDeleted = z.object({ id: z.guid(), deleted: z.literal(true) });

export const dashboardChange = z.strictObject({
  name,
  visibility,
  content: dashboardContent,
  version: wholeNumber(1, 2_147_483_647).describe("The version that the change is based on; another one is a conflict"),
});
export const dashboardSave = dashboardChange.extend({ id: z.guid() });
export type DashboardSave = z.infer<typeof dashboardSave>;

export const ownerChange = z.strictObject({ id: z.guid(), owner_id: z.string().min(1).max(100) });
export type OwnerChange = z.infer<typeof ownerChange>;

const access = z.enum(ACCESS);
const shares = {
  admins: access.nullable().describe("What administrators may do; null for nothing"),
  users: z
    .array(z.strictObject({ email: z.string().trim().min(1).max(320), access }))
    .max(MAX_SHARES)
    .describe("The users with whom it is shared by name"),
};

export const sharesChange = z.strictObject({ id: z.guid(), ...shares });
export type SharesChange = z.infer<typeof sharesChange>;
export type Shares = Pick<SharesChange, "admins" | "users">;

const listed = {
  id: z.guid(),
  name: z.string(),
  visibility,
  owner: z.string().nullable().describe("Null if the owner was deleted"),
  is_own: z.boolean(),
  can_edit: z.boolean(),
  is_shared: z.boolean().describe("Whether it is shared with administrators or named users"),
  can_manage: z.boolean().describe("Whether the caller may delete it and change who may use it"),
  version: z.int(),
  updated_at: instant,
  updated_by: z.string(),
};

const dashboardSummary = z.object({ ...listed, panel_count: count });
export type DashboardSummary = z.infer<typeof dashboardSummary>;
export const dashboardList = z.object({ items: z.array(dashboardSummary) });

export const dashboardAnswer = z.object({
  ...listed,
  content: z.object({
    range,
    filter,
    panels: z.array(
      z.object({
        ...panelFields,
        query: panelQuery.nullable().describe("Null if this version of the product cannot read the stored query"),
      }),
    ),
  }),
});
export type Dashboard = z.infer<typeof dashboardAnswer>;

/** Content as it is read: invalid parts of older or changed rows have defaults, so that the rest can be used. */
export const storedContent = z.object({
  range: range.catch({ last: "24h" }),
  filter: filter.catch(""),
  panels: z
    .array(z.object({ ...panelFields, view: panelFields.view.catch("auto"), query: panelQuery.nullable().catch(null) }))
    .catch([]),
});
