import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { previewImport } from "@/server/services/intake";
import { type MappingChoice, previewInput } from "@/server/services/intake/contract";
import { resolveMapping } from "@/server/services/mappings";
import { procedure } from "./init";

/**
 * Previews the import of the beginning of a file. Called by POST, because the sample exceeds the length limit of a URL.
 */
export const importPreview = procedure("ingest")
  .input(previewInput)
  .query(async ({ ctx, input: { map, ...input } }) =>
    previewImport(ctx.app, { ...input, mapping: map === undefined ? undefined : await resolve(ctx.app, map) }),
  );

/** An unknown name is a problem of the preview, not of the request. */
async function resolve(ctx: Context, map: string): Promise<MappingChoice> {
  try {
    return await resolveMapping(ctx, map, undefined);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== "UNPROCESSABLE") throw error;
    return { label: map, expression: map };
  }
}
