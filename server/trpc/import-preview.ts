import { previewImport } from "@/server/services/intake";
import { previewInput } from "@/server/services/intake/contract";
import { procedure } from "./init";

/**
 * Previews the import of the beginning of a file. Called by POST, because the sample exceeds the length limit of a URL.
 */
export const importPreview = procedure("ingest")
  .input(previewInput)
  .query(({ ctx, input }) => previewImport(ctx.app, input));
