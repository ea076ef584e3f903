import type { RouterOutputs } from "../trpc";

export type TableFigures = RouterOutputs["tables"]["figures"];

export type Advice =
  | { readonly key: "vacuum"; readonly share: number }
  | { readonly key: "analyze" }
  | { readonly key: "unused"; readonly names: readonly string[]; readonly bytes: number }
  | { readonly key: "none" };

/** Autovacuum starts at a fifth; far above that, it is blocked. */
const MANY_DEAD = 0.25;
const MIN_DEAD = 10_000;
const UNUSED_BYTES = 10_000_000;

/** Returns maintenance advice for a table, most important first. */
export function adviceFor(table: TableFigures): Advice[] {
  const advice: Advice[] = [];
  const share = table.dead_rows / Math.max(1, table.row_count + table.dead_rows);
  if (table.dead_rows > MIN_DEAD && share > MANY_DEAD) advice.push({ key: "vacuum", share });
  if (table.last_analyze === null && table.row_count > MIN_DEAD) advice.push({ key: "analyze" });
  // The product's own indexes serve filters and detect duplicates, even if nobody used them lately.
  const unused = table.indexes.filter(
    ({ unused: isUnused, is_required, bytes }) => isUnused && !is_required && bytes > UNUSED_BYTES,
  );
  if (unused.length > 0) {
    advice.push({
      key: "unused",
      names: unused.map(({ name }) => name),
      bytes: unused.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  }
  return advice.length > 0 ? advice : [{ key: "none" }];
}
