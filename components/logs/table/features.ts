import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
} from "@tanstack/react-table";

/** What the table of log rows can do. */
export const features = tableFeatures({ columnOrderingFeature, columnSizingFeature, columnVisibilityFeature });

export type LogTableFeatures = typeof features;
