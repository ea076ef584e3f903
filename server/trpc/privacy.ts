import { changePrivacy, maskFor, privacySettings } from "@/server/services/privacy";
import { privacyChange } from "@/server/services/privacy/contract";
import { procedure, router } from "./init";

export const privacyRouter = router({
  /** The columns that are masked for the user. */
  mine: procedure("read").query(async ({ ctx }) => ({ masked: [...(await maskFor(ctx.app, ctx.principal)).columns] })),

  settings: procedure("privacy").query(({ ctx }) => privacySettings(ctx.app)),

  change: procedure("privacy", "privacy.change")
    .input(privacyChange)
    .mutation(({ ctx, input }) => changePrivacy(ctx.app, ctx.principal, input)),
});
