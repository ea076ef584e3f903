import { changePassword, endOtherSessions, endSession, listSessions } from "@/server/services/accounts";
import { passwordChange, sessionKey } from "@/server/services/accounts/contract";
import { procedure, router } from "./init";
import { MAX_STREAMS, openStreams } from "./open-streams";

/** Procedures for the user's own account, available to every role. */
export const accountRouter = router({
  changePassword: procedure("read", "user.change-password")
    .input(passwordChange)
    .mutation(({ ctx, input }) => changePassword(ctx.app, input, ctx.principal)),

  /** The number of open live streams and its limit. */
  streams: procedure("read").query(({ ctx }) => ({ open: openStreams(ctx.principal), max: MAX_STREAMS })),

  sessions: procedure("read").query(({ ctx }) => listSessions(ctx.app, ctx.principal.id, ctx.principal)),

  endSession: procedure("read", "session.end")
    .input(sessionKey)
    .mutation(({ ctx, input }) => endSession(ctx.app, ctx.principal.id, input.id, ctx.principal)),

  endOtherSessions: procedure("read", "session.end").mutation(({ ctx }) =>
    endOtherSessions(ctx.app, ctx.principal.id, ctx.principal),
  ),
});
