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

/** The fields of an answer that tell of an error: its text, in the language that was asked for, and its code. */
export const spokenFields = {
  error: z.string().describe("In the language of Accept-Language; else English"),
  error_code: z.string().describe("Stable, such as `export.too_many_rows`"),
  error_params: z.record(z.string(), z.unknown()).describe("The values that the text is filled in with"),
};

/** As spokenFields, null where there was no error. */
export const nullableSpokenFields = {
  error: spokenFields.error.nullable(),
  error_code: spokenFields.error_code.nullable(),
  error_params: spokenFields.error_params.nullable(),
};

/** As nullableSpokenFields, of what is wrong with an archive. */
export const spokenProblemFields = {
  problem: spokenFields.error.nullable().describe("The problem that the last verification found with the file"),
  problem_code: spokenFields.error_code.nullable(),
  problem_params: spokenFields.error_params.nullable(),
};

/** An error of a list of them, in words. */
export const spokenMessage = { message: z.string(), code: z.string(), params: spokenFields.error_params };

/** The end of a page of a list that can be read in one direction. */
export const forwardPage = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** The ends of a page of a list that can be read in both directions. */
export const twoWayPage = <Item extends z.ZodType>(item: Item) =>
  forwardPage(item).extend({ prev_cursor: z.string().nullable() });
