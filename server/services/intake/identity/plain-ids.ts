import { type Column, type LogTable, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { ID, type PreparedBatch } from "../batch";
import { arrayLiterals } from "../store/insert-statements";

/**
 * Assigns to events that version 0.1 stored the ids that they have in the database, so that they count as duplicates.
 * Databases created since are not queried.
 */
export async function reusePlainIds(ctx: Pick<Context, "db">, batch: PreparedBatch): Promise<PreparedBatch> {
  if (!batch.origin.plainIds || batch.origin.plainIds.size === 0) return batch;
  await reuseRowIds(ctx, batch);
  return { ...batch, dead: await reuseLetterIds(ctx, batch) };
}

/**
 * That version ignored how CSV was parsed: a row whose values differ under the current header is another event, and is
 * stored.
 */
async function reuseRowIds({ db }: Pick<Context, "db">, { table, rows, events, origin }: PreparedBatch): Promise<void> {
  const candidates = [...rows.entries()].flatMap(([index, row]) => {
    const plainId = origin.plainIds?.get(row[ID] ?? "");
    return plainId === undefined ? [] : [{ index, row: row.with(ID, plainId) }];
  });
  if (candidates.length === 0) return;
  const { tableName, columns } = logTables[table];
  const compared =
    origin.format === "csv"
      ? columnsOf(
          logTables[table],
          events.map(({ event }) => event),
        )
      : [];
  const key = columns.slice(0, 2);
  const used = [...key, ...compared];
  const arrays = arrayLiterals(
    used,
    candidates.map(({ row }) => used.map((column) => row[columns.indexOf(column)] ?? null)),
  );
  const selected = used.map(({ name, type }, at) => `unnest($${at + 1}::${type}[]) as ${name}`);
  const equal = compared.map(({ name }) => `(come.${name} is null or stored.${name} = come.${name})`);
  const known = await db.intake[table].unsafe<{ id: string; position: number }[]>(
    `select stored.id, come.position
     from (select ${selected.join(", ")}, generate_series(1, ${candidates.length}) as position) as come
     join ${tableName} as stored on ${["stored.id = come.id", "stored.created_at = come.created_at", ...equal].join(" and ")}`,
    arrays,
    { prepare: true },
  );
  for (const { id, position } of known) {
    const row = rows[candidates[position - 1]?.index ?? -1];
    if (row) row[ID] = id;
  }
}

/** The columns that the events name, except the key. */
function columnsOf({ columns }: LogTable, events: readonly unknown[]): Column[] {
  const names = new Set<string>();
  for (const event of events) {
    if (typeof event === "object" && event !== null) for (const name of Object.keys(event)) names.add(name);
  }
  return columns.slice(2).filter(({ name }) => names.has(name));
}

async function reuseLetterIds({ db }: Pick<Context, "db">, { dead }: PreparedBatch): Promise<PreparedBatch["dead"]> {
  const plainIds = dead.flatMap(({ plainId }) => plainId ?? []);
  if (plainIds.length === 0) return dead;
  const known = await db.sql<{ id: string }[]>`select id from dead_letters where id = any(${plainIds}::uuid[])`;
  const taken = new Set(known.map(({ id }) => id));
  return dead.map((draft) => (draft.plainId && taken.has(draft.plainId) ? { ...draft, id: draft.plainId } : draft));
}
