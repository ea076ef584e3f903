import { is, SQL, type SQLWrapper, sql } from "drizzle-orm";
import { InDialects, inDialects, letBe, mapChunks } from "@/server/columnar";

/**
 * An expensive expression of DuckDB that conditions repeat. DuckDB would evaluate it for each of them, and checks only
 * after 2,048 rows whether a statement was cancelled.
 */
export class Repeated implements SQLWrapper {
  /**
   * @param name of the same expression in all conditions
   * @param needed the rows for which a condition reads the value; it is null for others
   * @param isCounted whether what the condition does with it is limited by MAX_COUNTED
   * @param stage higher than that of the Repeated expressions in it
   */
  constructor(
    readonly name: string,
    readonly value: SQL,
    readonly needed: SQL,
    readonly isCounted = false,
    readonly stage: 1 | 2 | 3 = 1,
  ) {}

  getSQL(): SQL {
    return sql.identifier(this.name).getSQL();
  }
}

/** Conditions that parse many documents, for which DuckDB allocates memory each. */
export const MAX_COUNTED = 10;

/** With so few, a parameter of a lambda, which disables DuckDB's dictionaries, costs more than it saves. */
const MAX_INLINE = 4;

export function countedIn(conditions: readonly SQL[]): number {
  return new Set(conditions.flatMap(repeatedIn).filter(({ isCounted }) => isCounted)).size;
}

/**
 * Combines conditions that use Repeated expressions to one, so that each of these is evaluated once per row. ClickHouse
 * does that by itself.
 */
export function evaluatedOnce(conditions: readonly SQL[]): SQL {
  return inDialects(sql.join(combinedOnce(conditions), sql` and `), sql.join(conditions.map(inClickhouse), sql` and `));
}

function inClickhouse(expression: SQL): SQL {
  return mapChunks(expression, (chunk) => {
    if (chunk instanceof InDialects) return inClickhouse(chunk.forms.clickhouse);
    return chunk instanceof Repeated ? inClickhouse(inline(chunk)) : undefined;
  });
}

function combinedOnce(conditions: readonly SQL[]): SQL[] {
  const using = conditions.filter((condition) => repeatedIn(condition).length > 0);
  if (using.length === 0) return [...conditions];
  const needs = new Map<string, Repeated[]>();
  for (const repeated of using.flatMap(repeatedIn))
    needs.set(repeated.name, [...new Set([...(needs.get(repeated.name) ?? []), repeated])]);
  const all = new Set(using.flatMap(repeatedIn));
  const isNested = [...all].some(({ value, needed }) => repeatedIn([value, needed]).length > 0);
  if (all.size <= MAX_INLINE && !isNested) return conditions.map((one) => replaceRepeated(one, inline));
  const condition = sql`(${sql.join(using, sql` and `)})`;
  let combined = condition;
  const innerFirst = [...needs].sort(([, [one]], [, [other]]) => (other?.stage ?? 0) - (one?.stage ?? 0));
  for (const [name, [first, ...others]] of innerFirst) {
    if (!first) continue;
    const needed = sql.join(
      [first, ...others].map((repeated) => repeated.needed),
      sql` or `,
    );
    const inner = combined;
    combined = letBe(sql`case when ${needed} then ${first.value} end`, name)(() => inner);
  }
  // Most rows need none of the values. For them, the parameters of lambdas would cost more than the rest.
  const isAnyNeeded = sql.join(
    [...needs.values()].flat().map((repeated) => replaceRepeated(repeated.needed, none)),
    sql` or `,
  );
  const guarded = sql`case when ${isAnyNeeded} then ${combined} else ${replaceRepeated(condition, none)} end`;
  return [...conditions.filter((one) => !using.includes(one)), guarded];
}

const none = () => sql`null`;
const inline = ({ needed, value }: Repeated) => sql`case when ${needed} then ${value} end`;

function replaceRepeated(expression: SQL, replacement: (repeated: Repeated) => SQL): SQL {
  return mapChunks(expression, (chunk) => {
    if (chunk instanceof InDialects) return replaceRepeated(chunk.forms.duckdb, replacement);
    return chunk instanceof Repeated ? replacement(chunk) : undefined;
  });
}

function repeatedIn(chunk: unknown): Repeated[] {
  if (chunk instanceof Repeated) return [chunk, ...repeatedIn(chunk.value), ...repeatedIn(chunk.needed)];
  if (Array.isArray(chunk)) return chunk.flatMap(repeatedIn);
  if (chunk instanceof InDialects) return repeatedIn(chunk.forms.duckdb);
  return is(chunk, SQL) ? chunk.queryChunks.flatMap(repeatedIn) : [];
}
