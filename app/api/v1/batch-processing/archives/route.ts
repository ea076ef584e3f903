import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { endpoint, none, pageSize, route, unread } from "@/server/rest";
import { archivesAnswer } from "@/server/rest/answers";
import { archiveReader } from "@/server/services/retention";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives", {
  GET: endpoint({
    summary: "List archives, the newest first.",
    permission: "read",
    params: none,
    query: ({ config }) =>
      z.strictObject({
        table: z.enum(LOG_TABLE_NAMES).optional(),
        month: z
          .string()
          .regex(/^\d{4}-\d\d$/, "a month such as 2026-08")
          .optional(),
        limit: pageSize(config),
        cursor: z.string().optional(),
      }),
    body: unread,
    answers: { 200: archivesAnswer },
    handle: ({ ctx, principal, query }) => archiveReader(ctx, principal).list(query),
  }),
});
