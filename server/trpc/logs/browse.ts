import { BROWSE_PERMISSIONS, requirePermission } from "@/server/services/accounts";
import { tableKey } from "@/server/services/logs/contract";
import { procedure } from "../init";

/** A procedure that reads the table in its input, and rejects callers without access to that table. */
export const browse = procedure("read")
  .input(tableKey.loose())
  .use(({ ctx, input, next }) => {
    requirePermission(ctx.principal, BROWSE_PERMISSIONS[input.table]);
    return next();
  });
