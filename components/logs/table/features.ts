import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
} from "@tanstack/react-table";

/** The features of the table of log rows. */
export const features = tableFeatures({ columnOrderingFeature, columnSizingFeature, columnVisibilityFeature });

export type LogTableFeatures = typeof features;
