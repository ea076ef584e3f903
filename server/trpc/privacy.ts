import { z } from "zod";
import { PERSONAL_COLUMNS } from "@/server/catalog";
import { changePrivacy, maskFor, privacySettings } from "@/server/services/privacy";
import { procedure, router } from "./init";

export const privacyRouter = router({
  /** The columns that are masked for the user. */
  mine: procedure("read").query(async ({ ctx }) => ({ masked: [...(await maskFor(ctx.app, ctx.principal)).columns] })),

  settings: procedure("privacy").query(({ ctx }) => privacySettings(ctx.app)),

  change: procedure("privacy", "privacy.change")
    .input(z.strictObject({ masked_columns: z.array(z.enum(PERSONAL_COLUMNS)).max(PERSONAL_COLUMNS.length) }))
    .mutation(({ ctx, input }) => changePrivacy(ctx.app, ctx.principal, input.masked_columns)),
});
