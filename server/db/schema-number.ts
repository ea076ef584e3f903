import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { SqlExecutor } from "./client";

const journal = z.looseObject({
  entries: z.array(z.looseObject({ idx: z.number(), when: z.number(), tag: z.string() })),
});

export const MIGRATIONS = path.resolve(/* turbopackIgnore: true */ process.cwd(), "drizzle");

/** Reads the list of this program's migrations, oldest first. */
export async function readJournal() {
  const text = await readFile(path.join(MIGRATIONS, "meta", "_journal.json"), "utf8");
  return journal.parse(JSON.parse(text));
}

/** Returns the number of the newest schema that this program knows. */
export async function newestSchema(): Promise<number> {
  return (await readJournal()).entries.at(-1)?.idx ?? -1;
}

/**
 * Returns the number of the last migration of a database.
 * @returns null if it has no tables of this product; `newer` for a schema of a newer program
 */
export async function schemaNumber(sql: SqlExecutor): Promise<number | "newer" | null> {
  const [table] = await sql<{ exists: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as exists`;
  if (!table?.exists) return null;
  const [last] = await sql<{ when: string | null }[]>`
    select max(created_at)::text as when from drizzle.__drizzle_migrations`;
  if (last?.when == null) return null;
  const { entries } = await readJournal();
  const applied = entries.filter(({ when }) => when <= Number(last.when)).at(-1);
  return applied?.when === Number(last.when) ? applied.idx : "newer";
}
