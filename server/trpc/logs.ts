import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { listLogs } from "@/server/services/pagination";
import { procedure, router } from "./init";

export const logsRouter = router({
  page: procedure("read")
    .input(
      z.strictObject({
        table: z.enum(LOG_TABLE_NAMES),
        page: z.int().optional(),
        page_size: z.int().optional(),
        cursor: z.string().optional(),
        sort: z.enum(["created_at", "-created_at"]).optional(),
        count: z.enum(["estimate", "exact", "none"]).optional(),
        start_date: z.string().optional(),
        end_date: z.string().optional(),
        filters: z.record(z.string(), z.string()).optional(),
      }),
    )
    .query(({ ctx, input: { table, ...query } }) => listLogs(ctx.ctx, table, query)),
});
