import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { logTableList } from "@/server/catalog";
import { parseMigration, readMigrations } from "./read-migrations";

/** The last migration of version 0.2.0 before the rule of docs/upgrading.md applied. */
const LAST_WITHOUT_RULE = 23;

/** Tables with millions of rows, on which only steps may work for longer. */
const LARGE_TABLES = [...logTableList.map(({ tableName }) => tableName), "dead_letters", "audit_log"];

const BREAKING: [pattern: RegExp, reason: string][] = [
  [/\bDROP (TABLE|COLUMN|VIEW|FUNCTION)\b/i, "drops what the previous version uses"],
  [/\bRENAME\b/i, "renames what the previous version uses"],
  [/\bSET DATA TYPE\b|\bALTER COLUMN "\w+" TYPE\b/i, "changes a type that the previous version writes"],
  [/\bSET NOT NULL\b/i, "rejects rows of the previous version"],
  [
    /\bADD COLUMN (?:IF NOT EXISTS )?"\w+"(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT NULL\b/i,
    "rejects rows of the previous version",
  ],
  [/\bALTER COLUMN "\w+" DROP DEFAULT\b/i, "rejects rows of the previous version"],
];

/** Returns why a migration would stop processes of the previous version, or block them for long. */
function problemsOf(text: string): string[] {
  const { contract, statements: all } = parseMigration(text);
  const isNew = (table: string) => all.some((statement) => statement.text.startsWith(`CREATE TABLE "${table}"`));
  const large = LARGE_TABLES.filter((table) => !isNew(table));
  return text.split("--> statement-breakpoint").flatMap((part) => {
    // An exception with its reason.
    if (/^-- compatible: \S/m.test(part)) return [];
    const { statements } = parseMigration(part);
    return statements.flatMap(({ text: statement, isLong }) => {
      const breaking = contract ? [] : BREAKING.filter(([pattern]) => pattern.test(statement)).map(([, why]) => why);
      return !isLong && isLongWork(statement, large)
        ? [...breaking, "is long work without the mark -- long"]
        : breaking;
    });
  });
}

function isLongWork(statement: string, tables: readonly string[]): boolean {
  return tables.some((table) =>
    new RegExp(
      `^(CREATE (UNIQUE )?INDEX .* ON "${table}"|(UPDATE|DELETE FROM) "${table}"|.* VALIDATE CONSTRAINT)`,
      "is",
    ).test(statement),
  );
}

test("No migration stops processes of the previous version or blocks a large table", async () => {
  const migrations = await readMigrations();
  for (const { name, schema, contract } of migrations) {
    if (schema <= LAST_WITHOUT_RULE) continue;
    expect({ name, problems: problemsOf(await readFile(`drizzle/${name}.sql`, "utf8")) }).toEqual({
      name,
      problems: [],
    });
    // What it removes was unused since an earlier migration.
    if (contract) expect(contract.schema).toBeLessThan(schema);
  }
});

test.each([
  ['ALTER TABLE "jobs" DROP COLUMN "error";', ["drops what the previous version uses"]],
  ['ALTER TABLE "measures" RENAME TO "metrics";', ["renames what the previous version uses"]],
  ['ALTER TABLE "jobs" ADD COLUMN "a" text NOT NULL;', ["rejects rows of the previous version"]],
  ['ALTER TABLE "jobs" ADD COLUMN "a" text DEFAULT \'\' NOT NULL;', []],
  ['CREATE TABLE "a" ("b" text NOT NULL);', []],
  ['CREATE INDEX "a" ON "access_logs" USING btree ("b");', ["is long work without the mark -- long"]],
  ['-- long\nCREATE INDEX "a" ON "access_logs" USING btree ("b");', []],
  ['UPDATE "dead_letters" SET "a" = 1;', ["is long work without the mark -- long"]],
  ['-- contract: schema 24, version 0.2.0\nALTER TABLE "jobs" DROP COLUMN "error";', []],
  ['-- compatible: only this migration uses it\nDROP FUNCTION "f"();', []],
])("The rule applied to %s", (text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

test("A contract names the oldest schema and version that may run", () => {
  expect(parseMigration('-- contract: schema 24, version 0.2.0\nDROP VIEW "a";').contract).toEqual({
    schema: 24,
    version: "0.2.0",
  });
});
