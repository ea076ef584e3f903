import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { compileMapping, isMappingName, PRESETS } from "@/server/services/intake";
import type { MappingChoice } from "@/server/services/intake/contract";
import type { MappingAnswer, MappingList, MappingRecord, MappingSave } from "./contract";

/** More mappings would not be usable as a list. */
const MAX_MAPPINGS = 500;

/** Lists the named mappings and the presets. */
export async function listMappings(ctx: Context): Promise<MappingList> {
  const items = await readVersions(ctx.db.read.$client, { latestOnly: true });
  const presets = PRESETS.map((preset) => ({
    name: preset.name,
    title: preset.title,
    table: preset.table,
    kind: preset.kind,
    expression: preset.kind === "fields" ? preset.map : null,
    source: preset.source,
  }));
  return { items, presets };
}

/** Returns a named mapping with all its versions. @throws AppError NOT_FOUND */
export async function getMapping(ctx: Context, name: string): Promise<MappingAnswer> {
  const versions = await readVersions(ctx.db.read.$client, { name });
  if (versions.length === 0) throw new AppError("mapping.unknown", { name });
  return withVersions(versions);
}

/**
 * Saves a mapping as the next version of its name. The expression of the latest version is not saved again.
 * @throws AppError UNPROCESSABLE for an invalid expression, CONFLICT for the name of a preset
 */
export async function saveMapping(ctx: Context, principal: Principal, input: MappingSave): Promise<MappingAnswer> {
  const { name, table } = input;
  if (PRESETS.some((preset) => preset.name === name)) throw new AppError("mapping.preset_name", { name });
  const { expression } = compileMapping(await expandName(ctx, input.expression, table), logTables[table]);
  return await ctx.db.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCKS.mappings}, 0)`;
    const known = await readVersions(tx, { name });
    const [latest] = known;
    if (latest?.expression === expression && latest.table === table) return withVersions(known);
    const [next] = await tx<{ version: number; others: number }[]>`
      select
        coalesce(max(version) filter (where name = ${name}), 0) + 1 as version,
        count(distinct name) filter (where removed_at is null)::int as others
      from mappings`;
    if (!next || next.others >= MAX_MAPPINGS) throw new AppError("mapping.too_many", { max: MAX_MAPPINGS });
    await tx`
      insert into mappings (name, version, log_table, expression, created_by)
      values (${name}, ${next.version}, ${table}, ${expression}, ${principal.name})`;
    await recordAudit(ctx, principal, "mapping.save", { name, version: next.version, table, expression }, tx);
    return withVersions(await readVersions(tx, { name }));
  });
}

/** Removes a mapping from the list. Imports and dead letters that it read are unchanged. @throws AppError NOT_FOUND */
export async function removeMapping(ctx: Context, principal: Principal, name: string): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const removed = await tx`
      update mappings set removed_at = now() where name = ${name} and removed_at is null returning version`;
    if (removed.length === 0) throw new AppError("mapping.unknown", { name });
    await recordAudit(ctx, principal, "mapping.remove", { name }, tx);
  });
}

/**
 * Resolves what `--map` and `?map=` contain: the name of a mapping, with or without a version (`edge-nginx@3`), the
 * name of a preset, or an expression.
 * @throws AppError UNPROCESSABLE for an unknown name, or one of the other table
 */
export async function resolveMapping(
  ctx: Context,
  given: string,
  table: LogTableName | undefined,
): Promise<MappingChoice> {
  const text = given.trim();
  if (!isMappingName(text) || PRESETS.some((preset) => preset.name === text)) return { label: text, expression: text };
  const [name = "", version] = text.split("@");
  const versions = await readVersions(ctx.db.sql, { name });
  const found = version === undefined ? versions[0] : versions.find((record) => record.version === Number(version));
  if (!found) throw new AppError("mapping.not_found", { name: text });
  if (table !== undefined && found.table !== table)
    throw new AppError("mapping.wrong_table", { name, table: found.table });
  return { label: `${name}@${found.version}`, expression: found.expression };
}

/** A mapping saved under another name has its expression. */
async function expandName(ctx: Context, expression: string, table: LogTableName): Promise<string> {
  return (await resolveMapping(ctx, expression, table)).expression;
}

interface Row {
  name: string;
  version: number;
  log_table: string;
  expression: string;
  created_at: string;
  created_by: string;
}

/** Newest versions first. */
async function readVersions(
  sql: SqlExecutor,
  { name, latestOnly = false }: { readonly name?: string; readonly latestOnly?: boolean },
): Promise<MappingRecord[]> {
  const rows = await sql<Row[]>`
    select name, version, log_table, expression, created_at, created_by
    from mappings
    where removed_at is null
      and ${name === undefined ? sql`true` : sql`name = ${name}`}
      and ${
        latestOnly
          ? sql`not exists (
              select from mappings as later
              where later.name = mappings.name and later.version > mappings.version and later.removed_at is null
            )`
          : sql`true`
      }
    order by name, version desc`;
  return rows.flatMap(({ log_table, created_at, ...row }) => {
    const table = LOG_TABLE_NAMES.find((known) => known === log_table);
    return table ? [{ ...row, table, created_at: toIsoMicroseconds(created_at) }] : [];
  });
}

function withVersions(versions: readonly MappingRecord[]): MappingAnswer {
  const [latest] = versions;
  if (!latest) throw new Error("The mapping has no version.");
  return { ...latest, versions: [...versions] };
}
