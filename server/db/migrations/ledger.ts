import type { SqlExecutor } from "../client";
import { UnsuitableDatabase } from "../unsuitable-database";
import { createdTables, type Migration } from "./read-migrations";

/** Drizzle's table of applied migrations. */
export interface Ledger {
  readonly schemaName: string;
  /** `when` of the applied migrations. */
  readonly applied: ReadonlySet<number>;
}

const TABLE = "__drizzle_migrations";

/**
 * Finds the table of applied migrations: in the schema `drizzle`, as older versions created it, or in the product's own
 * schema. Another application's table contains other times.
 */
export async function findLedger(sql: SqlExecutor, migrations: readonly Migration[]): Promise<Ledger | undefined> {
  const [place] = await sql<{ own: string | null }[]>`select current_schema() as own`;
  for (const schemaName of ["drizzle", place?.own ?? ""]) {
    const applied = await appliedIn(sql, schemaName);
    if (migrations.some(({ when }) => applied.has(when))) return { schemaName, applied };
  }
  return undefined;
}

/**
 * Finds the table of applied migrations, or creates it in the product's own schema, where a role that owns nothing else
 * can create it.
 * @throws UnsuitableDatabase if the database has tables of these names that this product did not create
 */
export async function openLedger(sql: SqlExecutor, migrations: readonly Migration[]): Promise<Ledger> {
  const found = await findLedger(sql, migrations);
  if (found) return found;
  const [place] = await sql<{ own: string | null; database: string }[]>`
    select current_schema() as own, current_database() as database`;
  const own = place?.own;
  if (!own) throw new UnsuitableDatabase("no schema of its search_path exists. Set it to one that exists.");
  if ((await appliedIn(sql, own)).size > 0) throw foreignTable(place.database, TABLE);
  const [foreign] = await sql<{ name: string }[]>`
    select relname as name
    from pg_class
    where relnamespace = quote_ident(${own})::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'f')
      and relname = any(${createdTables(migrations)}::text[])
    order by relname = any('{access_logs,user_activity_logs}') desc, relname
    limit 1`;
  if (foreign) throw foreignTable(place.database, foreign.name);
  await sql`
    create table if not exists ${sql(own)}.${sql(TABLE)} (
      id serial primary key,
      hash text not null,
      created_at bigint
    )`;
  return { schemaName: own, applied: new Set() };
}

/** Records a migration as drizzle-kit does. */
export async function recordMigration(sql: SqlExecutor, { schemaName }: Ledger, migration: Migration): Promise<void> {
  await sql`
    insert into ${sql(schemaName)}.${sql(TABLE)} (hash, created_at)
    values (${migration.hash}, ${migration.when})`;
}

async function appliedIn(sql: SqlExecutor, schemaName: string): Promise<Set<number>> {
  const [found] = await sql`
    select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${schemaName} and relname = ${TABLE}`;
  if (!found) return new Set();
  const rows = await sql<{ created_at: string }[]>`select created_at::text from ${sql(schemaName)}.${sql(TABLE)}`;
  return new Set(rows.map((row) => Number(row.created_at)));
}

function foreignTable(database: string, table: string): UnsuitableDatabase {
  return new UnsuitableDatabase(
    `the database ${database} contains a table ${table} that this product did not create. Create a separate database, and set DATABASE_URL to it (docs/moving-in.md).`,
  );
}
