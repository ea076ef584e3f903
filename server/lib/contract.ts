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

/** The fields of an error in an answer: its text in the requested language, and its code. */
export const renderedErrorFields = {
  error: z.string().describe("In the language of Accept-Language, or English"),
  error_code: z.string().describe("Stable, such as `export.too_many_rows`"),
  error_params: z.record(z.string(), z.unknown()).describe("The values in the text"),
};

/** Like renderedErrorFields; null without an error. */
export const nullableRenderedErrorFields = {
  error: renderedErrorFields.error.nullable(),
  error_code: renderedErrorFields.error_code.nullable(),
  error_params: renderedErrorFields.error_params.nullable(),
};

/** Like nullableRenderedErrorFields, for the problem of an archive. */
export const renderedProblemFields = {
  problem: renderedErrorFields.error.nullable().describe("The problem that the last verification found with the file"),
  problem_code: renderedErrorFields.error_code.nullable(),
  problem_params: renderedErrorFields.error_params.nullable(),
};

/** Like nullableRenderedErrorFields, for the advice on a component. */
export const renderedAdviceFields = {
  advice: renderedErrorFields.error.nullable().describe("Recommended action; null when ok"),
  advice_code: renderedErrorFields.error_code.nullable(),
  advice_params: renderedErrorFields.error_params.nullable(),
};

/** The fields of an error in a list of errors. */
export const renderedMessageFields = {
  message: z.string(),
  code: z.string(),
  params: renderedErrorFields.error_params,
};

/** The end of a page in a list that is read in one direction. */
export const forwardPage = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

/** Both ends of a page in a list that is read in both directions. */
export const twoWayPage = <Item extends z.ZodType>(item: Item) =>
  forwardPage(item).extend({ prev_cursor: z.string().nullable() });
