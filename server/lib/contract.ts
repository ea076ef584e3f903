import { z } from "zod";
import { getContext } from "@/server/process/context";
import { inputIssue } from "./parse";

/** A time in a response: ISO 8601 UTC with microseconds. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  .meta({ format: "date-time" });

/** A count. */
export const count = z.int().min(0);

/** An integer within the bounds that an error names. */
export function wholeNumber(min: number, max: number) {
  return z
    .int()
    .refine((number) => number >= min && number <= max, inputIssue("input.number", { min, max }))
    .meta({ minimum: min, maximum: max });
}

/** The page size, within the configured limits. */
export const pageSize = z.lazy(() => {
  const { defaultPageSize, maxPageSize } = getContext().config;
  return wholeNumber(1, maxPageSize).default(defaultPageSize);
});

/** The size and cursor of a page. */
export const paging = { limit: pageSize, cursor: z.string().optional() };

/** The end of a page of a list that can be read in one direction. */
export const forwardPage = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** The ends of a page of a list that can be read in both directions. */
export const twoWayPage = <Item extends z.ZodType>(item: Item) =>
  forwardPage(item).extend({ prev_cursor: z.string().nullable() });
