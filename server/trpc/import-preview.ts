import { previewImport } from "@/server/services/intake";
import { previewInput } from "@/server/services/intake/contract";
import { procedure } from "./init";

/** What an import would make of a file's beginning; asked by POST, since only a body has room for it. */
export const importPreview = procedure("ingest")
  .input(previewInput)
  .query(({ ctx, input }) => previewImport(ctx.app, input));
