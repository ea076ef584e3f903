import { z } from "zod";
import { LOG_TABLE_NAMES, type LogTableName, logTableList } from "@/server/catalog";
import type { ErrorKind } from "@/server/catalog/errors";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { authenticateCollector } from "@/server/services/accounts";
import { type Collected, type CollectedEvent, collect } from "@/server/services/intake";
import { intakeQuery } from "@/server/services/intake/contract";
import { resolveMapping } from "@/server/services/mappings";
import { type Content, type Endpoint, endpoint, unread } from "../endpoint";

/** The parameters of every collector's endpoint. Those of the protocol itself are read by the endpoint or ignored. */
export const collectQuery = z.looseObject({
  ...intakeQuery.pick({ mode: true, map: true, source: true }).shape,
  table: z.enum(LOG_TABLE_NAMES).optional().describe("The log table; by default chosen by the name of the index"),
});

/** More than any collector sends in a request. */
const MAX_EVENTS = 100_000;

/** @throws AppError TOO_LARGE for too many events; called before any is stored */
export function requireEventCount(count: number): void {
  if (count > MAX_EVENTS) throw new AppError("collect.too_many", { max: MAX_EVENTS });
}

export interface CollectorCall {
  readonly ctx: Context;
  readonly request: Request;
  readonly principal: Principal;
  readonly query: z.infer<typeof collectQuery>;
  /** The path below the endpoint's base. */
  readonly path: readonly string[];
}

interface CollectorSpec {
  readonly summary: string;
  readonly content?: Content;
  readonly answer: z.ZodType<object>;
  /** Of a request that is accepted; by default 200. */
  readonly status?: number;
  /** The schema of the protocol's errors; by default problem+json. */
  readonly problem?: z.ZodType;
  /** The kinds of errors besides those of every endpoint. */
  readonly errors?: readonly ErrorKind[];
  readonly handle: (call: CollectorCall) => Promise<Response>;
}

const params = z.object({ path: z.array(z.string()).default([]) });

/** Creates an endpoint for a collector: an API key in any of its notations, the permission and limit of intake. */
export function collectorEndpoint({
  summary,
  content,
  answer,
  status = 200,
  problem,
  errors,
  handle,
}: CollectorSpec): Endpoint {
  return endpoint({
    summary,
    permission: "ingest",
    authenticate: authenticateCollector,
    limit: "intake",
    params,
    query: collectQuery,
    body: unread,
    streams: content && (() => content),
    answers: { [status]: answer },
    problem,
    errors,
    handle: ({ ctx, request, principal, query, params: { path } }) => handle({ ctx, request, principal, query, path }),
  });
}

/** The table of an event: `?table=`, else the one whose name the index contains (also with hyphens), else access_logs. */
export function collectedTable({ table }: CollectorCall["query"], index = ""): LogTableName {
  if (table) return table;
  const name = index.toLowerCase().replaceAll("-", "_");
  return logTableList.find((candidate) => name.includes(candidate.name))?.name ?? "access_logs";
}

/**
 * Stores the events of a request, with the mapping and mode in its parameters.
 * @param collector the protocol, named in the log and in dead letters
 */
export async function storeCollected(
  { ctx, principal, query }: CollectorCall,
  collector: string,
  events: Iterable<CollectedEvent>,
): Promise<Collected> {
  const { mode, map, source } = query;
  const collected = await collect(ctx, events, {
    mode,
    source,
    collector,
    mapping: map === undefined ? undefined : (table) => resolveMapping(ctx, map, table),
  });
  const { refused: _refused, ids: _ids, ...counts } = collected;
  ctx.log.info({ collector, mode, by: principal.name, ...counts }, "collected");
  return collected;
}
