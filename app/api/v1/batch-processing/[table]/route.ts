import { logTables } from "@/server/catalog";
import { endpoint, logTableParam, route, unread } from "@/server/rest";
import { handleIntake } from "@/server/rest/intake";
import { ingestAnswer, intakeContent, intakeQuery } from "@/server/services/intake/contract";
import { logReader } from "@/server/services/logs";
import { logListQuery, logPageOf } from "@/server/services/logs/contract";

const params = logTableParam(({ path }) => [path]);

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/{table}", {
  GET: endpoint({
    summary: "List rows by cursor or page number, filtered by time and columns.",
    permission: "read",
    params,
    query: ({ table }) => logListQuery(logTables[table]),
    body: unread,
    errors: ["FORBIDDEN"],
    answers: ({ table }) => ({ 200: logPageOf(logTables[table]) }),
    handle: ({ ctx, request, principal, params: { table }, query }) =>
      logReader(ctx, principal, request.signal).page(table, query),
  }),
  POST: endpoint({
    summary: "Ingest events into the queue, or directly into the table with mode=direct.",
    permission: "ingest",
    limit: "intake",
    params,
    query: intakeQuery,
    body: unread,
    streams: ({ table }) => intakeContent(logTables[table]),
    answers: { 200: ingestAnswer, 202: ingestAnswer },
    handle: ({ ctx, request, principal, params: { table }, query }) =>
      handleIntake({ ctx, request, principal, table, ...query }),
  }),
});
