import { z } from "zod";
import { getContext } from "@/server/process/context";
import { inputIssue } from "./parse";

/** A time in an answer: ISO 8601 UTC with microseconds. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  .meta({ format: "date-time" });

/** The number of something. */
export const count = z.int().min(0);

/** A whole number in a range that a refusal names. */
export function wholeNumber(min: number, max: number) {
  return z
    .int()
    .refine((number) => number >= min && number <= max, inputIssue("input.number", { min, max }))
    .meta({ minimum: min, maximum: max });
}

/** How many items a page has, within the limits of the configuration. */
export const pageSize = z.lazy(() => {
  const { defaultPageSize, maxPageSize } = getContext().config;
  return wholeNumber(1, maxPageSize).default(defaultPageSize);
});

/** Which page of a list: how long, and from where on. */
export const paging = { limit: pageSize, cursor: z.string().optional() };

/** Where a page of a list that can be read in one direction ends. */
export const forwardPage = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** Where a page of a list that can be read in both directions begins and ends. */
export const twoWayPage = <Item extends z.ZodType>(item: Item) =>
  forwardPage(item).extend({ prev_cursor: z.string().nullable() });
