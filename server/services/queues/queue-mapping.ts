import { type LogTableName, logTables } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { compileEventMapping, expireQueueMapping } from "@/server/services/intake";
import type { MappingChoice } from "@/server/services/intake/contract";
import { resolveMapping } from "@/server/services/mappings";
import type { QueueMapping, WaitingEvents } from "./contract";
import { peekQueue } from "./peek-queue";

const MAX_VERSIONS = 50;

/** Returns the mapping of a queue, with its previous ones. */
export async function getQueueMapping(ctx: Context, queue: LogTableName): Promise<QueueMapping> {
  return await readMapping(ctx.db.read.$client, queue);
}

/**
 * Changes the mapping that the events of a queue's producers are read with. Workers use it within seconds. Events that
 * this product queued are not affected.
 * @param map the name of a mapping or its expression; null: events have the names of columns
 * @throws AppError UNPROCESSABLE for an invalid mapping, or one that cannot read single events
 */
export async function setQueueMapping(
  ctx: Context,
  principal: Principal,
  queue: LogTableName,
  map: string | null,
): Promise<QueueMapping> {
  const choice = await chooseMapping(ctx, queue, map);
  const changed = await ctx.db.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCKS.queueMappings}, hashtext(${queue}))`;
    const before = await readMapping(tx, queue);
    const mapping = choice?.label ?? null;
    const expression = choice?.expression ?? null;
    if (before.mapping === mapping && before.expression === expression) return before;
    const version = (before.versions[0]?.version ?? 0) + 1;
    await tx`
      insert into queue_mappings (queue, version, label, expression, created_by)
      values (${queue}, ${version}, ${mapping}, ${expression}, ${principal.name})`;
    const details = { queue, mapping, expression, before: before.mapping };
    await recordAudit(ctx, principal, "queue.change-mapping", details, tx);
    return await readMapping(tx, queue);
  });
  expireQueueMapping(ctx.db);
  return changed;
}

/** Reads the next waiting events with a mapping, without taking them or changing that of the queue. */
export async function previewQueueMapping(
  ctx: Context,
  principal: Principal,
  queue: LogTableName,
  map: string | null,
  limit: number,
): Promise<WaitingEvents> {
  const choice = await chooseMapping(ctx, queue, map);
  return await peekQueue(ctx, principal, queue, limit, choice?.expression ?? null);
}

async function chooseMapping(ctx: Context, queue: LogTableName, map: string | null): Promise<MappingChoice | null> {
  if (map === null) return null;
  const choice = await resolveMapping(ctx, map, queue);
  const { expression } = compileEventMapping(choice.expression, logTables[queue]);
  return { ...choice, expression };
}

async function readMapping(sql: SqlExecutor, queue: LogTableName): Promise<QueueMapping> {
  const versions = await sql<
    { version: number; mapping: string | null; expression: string | null; changed_at: string; changed_by: string }[]
  >`
    select version, label as mapping, expression, created_at as changed_at, created_by as changed_by
    from queue_mappings
    where queue = ${queue}
    order by version desc
    limit ${MAX_VERSIONS}`;
  const [current] = versions;
  return {
    queue,
    mapping: current?.mapping ?? null,
    expression: current?.expression ?? null,
    versions: versions.map((version) => ({ ...version, changed_at: toIsoMicroseconds(version.changed_at) })),
  };
}
