/** The relative time ranges of pages and dashboards, shortest first. */
export const RELATIVE_RANGES = ["15m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d", "90d"] as const;
export type RelativeRange = (typeof RELATIVE_RANGES)[number];
