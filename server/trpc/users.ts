import { z } from "zod";
import {
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
import { procedure, router } from "./init";
import { role } from "./role";

const one = z.strictObject({ id: z.string().max(100) });

export const usersRouter = router({
  list: procedure("users").query(({ ctx }) => listUsers(ctx.app)),

  /** @returns the invitation link, which is not shown again */
  invite: procedure("users", "user.create")
    .input(z.strictObject({ email: z.string().max(320), role }))
    .mutation(({ ctx, input }) => inviteUser(ctx.app, input, ctx.principal)),

  changeRole: procedure("users", "user.change-role")
    .input(one.extend({ role }))
    .mutation(({ ctx, input }) => changeRole(ctx.app, input.id, input.role, ctx.principal)),

  disable: procedure("users", "user.disable")
    .input(one)
    .mutation(({ ctx, input }) => disableUser(ctx.app, input.id, ctx.principal)),

  enable: procedure("users", "user.enable")
    .input(one)
    .mutation(({ ctx, input }) => enableUser(ctx.app, input.id, ctx.principal)),

  /** @returns the link to set a password, which is not shown again */
  resetPassword: procedure("users", "user.reset-password")
    .input(one)
    .mutation(({ ctx, input }) => resetPassword(ctx.app, input.id, ctx.principal)),

  remove: procedure("users", "user.delete")
    .input(one)
    .mutation(({ ctx, input }) => deleteUser(ctx.app, input.id, ctx.principal)),

  sessions: procedure("users")
    .input(one)
    .query(({ ctx, input }) => listSessions(ctx.app, input.id, ctx.principal)),

  /** Ends all sessions of another user, or all other sessions of the caller. */
  endSessions: procedure("users", "session.end")
    .input(one)
    .mutation(({ ctx, input }) => endOtherSessions(ctx.app, input.id, ctx.principal)),
});
