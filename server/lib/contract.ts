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

/** An integer between `min` and `max`. The error names both limits. */
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

/** The fields of a response that describe an error: its message in the caller's language, its code and its params. */
export const spokenFields = {
  error: z.string().describe("In the language of Accept-Language, or English"),
  error_code: z.string().describe("Stable, such as `export.too_many_rows`"),
  error_params: z.record(z.string(), z.unknown()).describe("The values in the text"),
};

/** Like spokenFields, but null if there is no error. */
export const nullableSpokenFields = {
  error: spokenFields.error.nullable(),
  error_code: spokenFields.error_code.nullable(),
  error_params: spokenFields.error_params.nullable(),
};

/** Like nullableSpokenFields, for a problem with an archive. */
export const spokenProblemFields = {
  problem: spokenFields.error.nullable().describe("The problem that the last verification found with the file"),
  problem_code: spokenFields.error_code.nullable(),
  problem_params: spokenFields.error_params.nullable(),
};

/** The message, code and params of one error in a list. */
export const spokenMessage = { message: z.string(), code: z.string(), params: spokenFields.error_params };

/** The end of a page in a list that is read in one direction. */
export const forwardPage = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** Both ends of a page in a list that is read in both directions. */
export const twoWayPage = <Item extends z.ZodType>(item: Item) =>
  forwardPage(item).extend({ prev_cursor: z.string().nullable() });
