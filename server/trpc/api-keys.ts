import { z } from "zod";
import { createApiKey, listApiKeys, revokeApiKey } from "@/server/services/accounts";
import { procedure, router } from "./init";
import { role } from "./role";

export const apiKeysRouter = router({
  list: procedure("api-keys").query(({ ctx }) => listApiKeys(ctx.app)),

  /** @returns the key, which is not shown again */
  create: procedure("api-keys", "api-key.create")
    .input(z.strictObject({ name: z.string().max(200), role, expires_days: z.int().min(1).max(3650).nullable() }))
    .mutation(({ ctx, input: { name, role, expires_days } }) =>
      createApiKey(ctx.app, { name, role, expiresDays: expires_days ?? undefined }, ctx.principal),
    ),

  revoke: procedure("api-keys", "api-key.revoke")
    .input(z.strictObject({ id: z.guid() }))
    .mutation(({ ctx, input }) => revokeApiKey(ctx.app, input.id, ctx.principal)),
});
