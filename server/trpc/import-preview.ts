import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { encodingOf } from "@/server/catalog/encodings";
import { INTAKE_FORMATS } from "@/server/catalog/formats";
import { previewImport } from "@/server/services/intake";
import { procedure } from "./init";

/** Characters of base64: what the page reads of a file, and some. */
const MAX_SAMPLE = 400_000;

/** What an import would make of a file's beginning; asked by POST, since only a body has room for it. */
export const importPreview = procedure("ingest")
  .input(
    z.object({
      sample: z.base64().max(MAX_SAMPLE),
      isWhole: z.boolean(),
      /** Milliseconds since 1970. */
      lastModified: z.int().optional(),
      table: z.enum(LOG_TABLE_NAMES).optional(),
      preferred: z.enum(LOG_TABLE_NAMES).optional(),
      format: z.enum(INTAKE_FORMATS).optional(),
      encoding: z
        .string()
        .refine((name) => encodingOf(name) !== undefined)
        .optional(),
    }),
  )
  .query(({ ctx, input: { sample, lastModified, ...asked } }) =>
    previewImport(ctx.app, {
      ...asked,
      sample: Buffer.from(sample, "base64"),
      lastModified: lastModified === undefined ? undefined : new Date(lastModified),
    }),
  );
