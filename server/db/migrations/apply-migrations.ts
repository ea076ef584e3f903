import type { Logger } from "pino";
import type { Sql, SqlExecutor } from "../client";
import { type Ledger, openLedger, recordMigration } from "./ledger";
import { type Migration, readMigrations } from "./read-migrations";
import { completeSteps } from "./run-steps";
import { createSchemaTables, readSchemaInfo, recordSchema, requireCompatible } from "./schema-info";
import { withShortLocks } from "./with-short-locks";

/**
 * Applies the pending migrations, each in a short transaction. Statements marked `-- long` become steps, which run
 * later while the product runs (run-steps.ts); in a new database they run at once, because its tables are empty.
 * @param options.upTo the last schema to migrate to, by default the newest
 * @param options.folder the folder of the migrations, by default this version's
 * @throws UnsuitableDatabase if this version is too old for the schema, or the database is another product's
 */
export async function applyMigrations(
  sql: Sql,
  { log, upTo, folder }: { log?: Logger; upTo?: number; folder?: string } = {},
): Promise<void> {
  const migrations = await readMigrations(folder);
  const newest = migrations.at(-1)?.schema ?? 0;
  requireCompatible(await readSchemaInfo(sql), newest);
  const ledger = await openLedger(sql, migrations);
  await createSchemaTables(sql);
  const isNew = ledger.applied.size === 0;
  for (const migration of migrations) {
    if (ledger.applied.has(migration.when) || migration.schema > (upTo ?? newest)) continue;
    // It removes what the steps of earlier migrations read.
    if (migration.contract && !isNew) await completeSteps(sql, { log });
    const name = `Migration ${migration.name}`;
    await withShortLocks(sql, (tx) => applyOne(tx, ledger, migration, isNew), { name, log });
    if (!isNew) log?.info(`${name} is applied.`);
  }
  // Databases of older versions have migrations, but no record.
  await recordSchema(sql, upTo ?? newest);
}

async function applyOne(tx: SqlExecutor, ledger: Ledger, migration: Migration, isNew: boolean): Promise<void> {
  for (const { text, isLong } of migration.statements) {
    if (isLong && !isNew) {
      await tx`insert into schema_steps (migration, statement) values (${migration.name}, ${text})`;
    } else await tx.unsafe(text);
  }
  await recordMigration(tx, ledger, migration);
  await recordSchema(tx, migration.schema, migration.contract);
}
