import { logTables } from "@/server/catalog";
import { endpoint, logListQuery, logTableParam, route, unread } from "@/server/rest";
import { intakeAnswer, intakeContent, logPageAnswer } from "@/server/rest/answers";
import { handleIntake, intakeQuery } from "@/server/rest/intake";
import { logReader } from "@/server/services/logs";

const params = logTableParam(({ path }) => [path]);

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/{table}", {
  GET: endpoint({
    summary: "List rows, by cursor or page number, narrowed by time and filters.",
    permission: "read",
    params,
    query: ({ config }, { table }) => logListQuery(config, logTables[table]),
    body: unread,
    errors: ["FORBIDDEN"],
    answers: ({ table }) => ({ 200: logPageAnswer(logTables[table]) }),
    handle: ({ ctx, principal, params: { table }, query }) => logReader(ctx, principal).page(table, query),
  }),
  POST: endpoint({
    summary: "Take in events: into the queue, or with mode=direct straight into the table.",
    permission: "ingest",
    limit: "intake",
    params,
    query: intakeQuery,
    body: unread,
    streams: ({ table }) => intakeContent(logTables[table]),
    answers: { 200: intakeAnswer, 202: intakeAnswer },
    handle: ({ ctx, request, principal, params: { table }, query }) =>
      handleIntake({ ctx, request, principal, table, ...query }),
  }),
});
