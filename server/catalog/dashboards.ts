/** How a panel displays the answer of its query; `number` shows the measures of all rows. */
export const PANEL_VIEWS = ["auto", "line", "stacked", "bars", "heat", "table", "number"] as const;
export type PanelView = (typeof PANEL_VIEWS)[number];

/** Who besides the owner may use a dashboard: nobody, everyone to view, everyone to edit. */
export const VISIBILITIES = ["private", "view", "edit"] as const;

/** What administrators, or a user named by the owner, may do. */
export const ACCESS = ["view", "edit"] as const;
export type Access = (typeof ACCESS)[number];
/** A dashboard is shared with at most as many users by name. */
export const MAX_SHARES = 100;

/** The grid of a dashboard, in cells. */
export const GRID = { columns: 12, minWidth: 2, minHeight: 2, maxHeight: 12, maxRows: 1_000 } as const;
export const MAX_PANELS = 40;
