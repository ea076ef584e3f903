import { createApiKey, listApiKeys, revokeApiKey } from "@/server/services/accounts";
import { apiKeyInput, apiKeyKey } from "@/server/services/accounts/contract";
import { procedure, router } from "./init";

export const apiKeysRouter = router({
  list: procedure("api-keys").query(({ ctx }) => listApiKeys(ctx.app)),

  /** @returns the key, which is not shown again */
  create: procedure("api-keys", "api-key.create")
    .input(apiKeyInput)
    .mutation(({ ctx, input }) => createApiKey(ctx.app, input, ctx.principal)),

  revoke: procedure("api-keys", "api-key.revoke")
    .input(apiKeyKey)
    .mutation(({ ctx, input }) => revokeApiKey(ctx.app, input.id, ctx.principal)),
});
