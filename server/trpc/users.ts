import {
  changeExpiry,
  changeRole,
  deleteUser,
  disableUser,
  enableUser,
  endOtherSessions,
  inviteUser,
  listSessions,
  listUsers,
  resetPassword,
} from "@/server/services/accounts";
import { expiryChange, roleChange, userInput, userKey } from "@/server/services/accounts/contract";
import { procedure, router } from "./init";

export const usersRouter = router({
  list: procedure("users").query(({ ctx }) => listUsers(ctx.app)),

  /** @returns the invitation link, which is not shown again */
  invite: procedure("users", "user.create")
    .input(userInput)
    .mutation(({ ctx, input }) => inviteUser(ctx.app, input, ctx.principal)),

  changeRole: procedure("users", "user.change-role")
    .input(roleChange)
    .mutation(({ ctx, input }) => changeRole(ctx.app, input.id, input.role, ctx.principal)),

  changeExpiry: procedure("users", "user.change-expiry")
    .input(expiryChange)
    .mutation(({ ctx, input }) => changeExpiry(ctx.app, input.id, input.expires_on, ctx.principal)),

  disable: procedure("users", "user.disable")
    .input(userKey)
    .mutation(({ ctx, input }) => disableUser(ctx.app, input.id, ctx.principal)),

  enable: procedure("users", "user.enable")
    .input(userKey)
    .mutation(({ ctx, input }) => enableUser(ctx.app, input.id, ctx.principal)),

  /** @returns the link to set a password, which is not shown again */
  resetPassword: procedure("users", "user.reset-password")
    .input(userKey)
    .mutation(({ ctx, input }) => resetPassword(ctx.app, input.id, ctx.principal)),

  remove: procedure("users", "user.delete")
    .input(userKey)
    .mutation(({ ctx, input }) => deleteUser(ctx.app, input.id, ctx.principal)),

  sessions: procedure("users")
    .input(userKey)
    .query(({ ctx, input }) => listSessions(ctx.app, input.id, ctx.principal)),

  /** Ends all sessions of another user, or all other sessions of the caller. */
  endSessions: procedure("users", "session.end")
    .input(userKey)
    .mutation(({ ctx, input }) => endOtherSessions(ctx.app, input.id, ctx.principal)),
});
