import { z } from "zod";
import { BROWSED_TABLE_NAMES } from "@/server/catalog";
import { BROWSE_PERMISSIONS, requirePermission } from "@/server/services/accounts";
import { procedure } from "../init";

export const browsedTable = z.enum(BROWSED_TABLE_NAMES);

/** A procedure that reads the table which its input names: who may not read that one is refused. */
export const browse = procedure("read")
  .input(z.object({ table: browsedTable }))
  .use(({ ctx, input, next }) => {
    requirePermission(ctx.principal, BROWSE_PERMISSIONS[input.table]);
    return next();
  });
