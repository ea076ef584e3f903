import { type LogTable, logTables } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { Context } from "@/server/process/context";
import { CREATED_AT, compileRule, ID, type Row } from "@/server/services/intake";
import { checkRules } from "./check-rules";
import type { RuleTest, RuleTestAnswer } from "./contract";

const MAX_ROWS = 100_000;
const PAGE = 2_000;
const MAX_EXAMPLES = 10;
/** Stops a test of long rows or slow expressions. */
const MAX_MS = 8_000;
/** Characters of a value in an example. */
const EXCERPT = 300;

/**
 * Applies a rule to copies of the rows of the last hour, newest first. Nothing is changed. Events that the rules in use
 * drop are not among them.
 * @throws AppError UNPROCESSABLE for an invalid rule
 */
export async function testRule(ctx: Context, { table: name, rule }: RuleTest): Promise<RuleTestAnswer> {
  checkRules(ctx, name, [rule], () => "rule");
  const table = logTables[name];
  const compiled = compileRule(table, rule, ctx.config.timeZone);
  const slice = makeTimeSlice();
  const started = performance.now();
  const answer = { tested: 0, matched: 0, affected: 0, from: null as string | null };
  const examples: RuleTestAnswer["examples"] = [];
  const since = new Date(ctx.now().getTime() - 3_600_000).toISOString();
  for (let last: Row | undefined; answer.tested < MAX_ROWS && performance.now() - started < MAX_MS; ) {
    const rows = await readRows(ctx, table, since, last);
    for (const row of rows) {
      const pause = slice();
      if (pause) await pause;
      answer.tested++;
      answer.from = row[CREATED_AT] ?? null;
      if (!compiled.matches(row)) continue;
      answer.matched++;
      const changed = [...row];
      const isAffected = compiled.drops(row) || ((await compiled.redact?.(changed, slice)) ?? false);
      if (!isAffected) continue;
      answer.affected++;
      if (examples.length < MAX_EXAMPLES) examples.push(exampleOf(table, row, changed));
    }
    last = rows.at(-1);
    if (rows.length < PAGE) return { ...answer, is_complete: true, examples };
  }
  return { ...answer, is_complete: false, examples };
}

/** Rows as at intake, newest first. */
async function readRows(ctx: Context, table: LogTable, since: string, last: Row | undefined): Promise<Row[]> {
  const columns = table.columns.map(
    ({ name, type }) => `${type === "inet" ? `host(${name})` : `${name}::text`} as ${name}`,
  );
  const before = last ? "and (created_at, id) < ($2::timestamptz, $3::uuid)" : "";
  const rows = await ctx.db.read.$client.unsafe<Record<string, string | null>[]>(
    `select ${columns.join(", ")}
     from ${table.tableName}
     where created_at >= $1::timestamptz ${before}
     order by ${table.tableName}.created_at desc, ${table.tableName}.id desc
     limit ${PAGE}`,
    last ? [since, last[CREATED_AT] ?? "", last[ID] ?? ""] : [since],
  );
  return rows.map((cells) =>
    table.columns.map(({ name }) => cells[name] ?? null).with(CREATED_AT, toIsoMicroseconds(cells.created_at ?? "")),
  );
}

function exampleOf(table: LogTable, row: Row, changed: Row): RuleTestAnswer["examples"][number] {
  const columns = table.columns.map(({ name, shown = false }, index) => ({ name, shown, index }));
  return {
    id: row[ID] ?? "",
    created_at: row[CREATED_AT] ?? "",
    values: Object.fromEntries(
      columns.flatMap(({ name, shown, index }) =>
        shown && index !== CREATED_AT ? [[name, row[index]?.slice(0, EXCERPT) ?? null]] : [],
      ),
    ),
    changes: columns.flatMap(({ name, index }) => {
      const [before, after] = [row[index] ?? "", changed[index] ?? ""];
      if (before === after) return [];
      const from = Math.max(0, firstDifference(before, after) - EXCERPT / 2);
      return { column: name, before: before.slice(from, from + EXCERPT), after: after.slice(from, from + EXCERPT) };
    }),
  };
}

function firstDifference(left: string, right: string): number {
  let index = 0;
  while (index < left.length && left.charAt(index) === right.charAt(index)) index++;
  return index;
}
