import product from "@/package.json" with { type: "json" };
import type { SqlExecutor } from "../client";
import { UnsuitableDatabase } from "../unsuitable-database";

/** The schema of a database, and the oldest version that can use it. */
export interface SchemaInfo {
  readonly schema: number;
  /** The product's version that migrated to it. */
  readonly version: string;
  readonly minSchema: number;
  readonly minVersion: string | null;
}

/** Creates the tables that record the schema and its pending steps. */
export async function createSchemaTables(sql: SqlExecutor): Promise<void> {
  await sql`
    create table if not exists schema_info (
      id smallint primary key default 1 check (id = 1),
      schema integer not null,
      version text not null,
      min_schema integer not null default 0,
      min_version text
    )`;
  await sql`
    create table if not exists schema_steps (
      id integer primary key generated always as identity,
      migration text not null,
      statement text not null,
      cursor text,
      done bigint not null default 0,
      total bigint,
      error text,
      created_at timestamptz not null default now(),
      finished_at timestamptz
    )`;
}

/** Reads the record of the schema. @returns undefined in a database that has none */
export async function readSchemaInfo(sql: SqlExecutor): Promise<SchemaInfo | undefined> {
  const [known] = await sql`select to_regclass('schema_info') is not null as exists`;
  if (!known?.exists) return undefined;
  const [info] = await sql<SchemaInfo[]>`
    select schema, version, min_schema as "minSchema", min_version as "minVersion" from schema_info`;
  return info;
}

/** Records that the schema is that of `schema`, or newer. */
export async function recordSchema(
  sql: SqlExecutor,
  schema: number,
  contract?: { readonly schema: number; readonly version: string },
): Promise<void> {
  await sql`
    insert into schema_info as known (schema, version, min_schema, min_version)
    values (${schema}, ${product.version}, ${contract?.schema ?? 0}, ${contract?.version ?? null})
    on conflict (id) do update set
      schema = excluded.schema,
      version = excluded.version,
      min_schema = greatest(known.min_schema, excluded.min_schema),
      min_version = case when excluded.min_schema > known.min_schema then excluded.min_version else known.min_version end
    where excluded.schema > known.schema`;
}

/** Returns why a process that knows schemas up to `known` cannot use this schema; undefined if it can. */
export function incompatibility(info: SchemaInfo, known: number): string | undefined {
  if (info.minSchema <= known) return undefined;
  return `This version (${product.version}) supports the schema up to ${known}; the database has schema ${info.schema}, which needs ${info.minSchema} or newer. Start version ${info.minVersion ?? info.version} or newer.`;
}

/** @throws UnsuitableDatabase if this version is too old for the schema */
export function requireCompatible(info: SchemaInfo | undefined, known: number): void {
  const reason = info && incompatibility(info, known);
  if (reason) throw new UnsuitableDatabase(reason);
}
