import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

export interface Statement {
  readonly text: string;
  /** Marked `-- long`: executed after the migration, in steps, while the product runs. */
  readonly isLong: boolean;
}

export interface Migration {
  /** The number of the schema after it. */
  readonly schema: number;
  readonly name: string;
  /** Drizzle's key of the migration: milliseconds since 1970. */
  readonly when: number;
  readonly hash: string;
  readonly statements: readonly Statement[];
  /** Marked `-- contract: schema N, version V`: processes older than these stop working. */
  readonly contract: { readonly schema: number; readonly version: string } | undefined;
}

/** Not bundled with the programs. */
export const MIGRATIONS_FOLDER = path.resolve(/* turbopackIgnore: true */ process.cwd(), "drizzle");

const journal = z.object({
  entries: z.array(z.object({ idx: z.number(), when: z.number(), tag: z.string() })),
});

const BREAKPOINT = "--> statement-breakpoint";
const CONTRACT = /^-- contract: schema (\d+), version (\d+\.\d+\.\d+)$/m;

/** Reads the migrations that drizzle-kit generated, oldest first. */
export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const { entries } = journal.parse(JSON.parse(await readFile(path.join(folder, "meta", "_journal.json"), "utf8")));
  return await Promise.all(
    entries.map(async ({ idx, when, tag }) => {
      const text = await readFile(path.join(folder, `${tag}.sql`), "utf8");
      return { schema: idx, name: tag, when, ...parseMigration(text) };
    }),
  );
}

/** Parses the text of a migration. Statements without anything but comments are omitted. */
export function parseMigration(text: string): Pick<Migration, "hash" | "statements" | "contract"> {
  const [, schema, version] = CONTRACT.exec(text) ?? [];
  return {
    hash: createHash("sha256").update(text).digest("hex"),
    statements: text.split(BREAKPOINT).flatMap((part) => {
      const statement = withoutComments(part);
      return statement === "" ? [] : [{ text: statement, isLong: /^-- long$/m.test(part) }];
    }),
    contract: schema && version ? { schema: Number(schema), version } : undefined,
  };
}

/** Removes the comment lines before a statement. */
function withoutComments(text: string): string {
  return text.replace(/^(\s*--[^\n]*(\n|$))+/, "").trim();
}

/** The names of all tables that migrations create. */
export function createdTables(migrations: readonly Migration[]): string[] {
  return migrations.flatMap(({ statements }) =>
    statements.flatMap(({ text }) => /^CREATE TABLE "(\w+)"/.exec(text)?.[1] ?? []),
  );
}
