import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { inputIssue } from "@/server/lib/parse";

const MAX_IDS = 10_000;

const fields = {
  ids: z.array(z.uuid()).min(1).max(MAX_IDS).optional(),
  queue: z.enum(LOG_TABLE_NAMES).optional(),
  error: z.string().optional(),
};

type Fields = z.infer<z.ZodObject<typeof fields>>;

/** `{ids}`, or `{queue, error}`: both, so that no forgotten field means a whole queue. */
function toSelection({ ids, queue, error }: Fields, refine: z.RefinementCtx) {
  if (ids && queue === undefined && error === undefined) return { ids };
  if (!ids && queue !== undefined && error !== undefined) return { queue, error };
  refine.addIssue(inputIssue("input.ids_or_group", {}));
  return z.NEVER;
}

/** The body of DELETE /dead-letters. */
export const deadLetterSelection = z.strictObject(fields).transform(toSelection);

/** The body of POST /dead-letters/replay: a selection, and the mended event where it is one. */
export const deadLetterReplay = z
  .strictObject({
    ...fields,
    payload: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .transform((mended) => (typeof mended === "string" ? mended : JSON.stringify(mended)))
      .optional(),
  })
  .transform(({ payload, ...selection }, refine) => ({ selection: toSelection(selection, refine), payload }));
