import type { DurationUnit, LogTable } from "./types";

/** The column that a field name of an event refers to. */
export interface NamedColumn {
  /** The column's position in the catalog. */
  readonly index: number;
  /** If several names refer to one column, the lowest rank is used. */
  readonly rank: number;
  /** Unit of a duration, if the name includes it. */
  readonly unit?: DurationUnit;
}

const MAX_NAME_LENGTH = 40;

/**
 * Normalizes a name for comparison: lower case, with `_` in place of camel-case boundaries, spaces, hyphens and dots.
 * `clientIp`, `Client-IP` and `client ip` become `client_ip`.
 */
export function comparedName(name: string): string {
  return name
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[\s.-]+/g, "_")
    .toLowerCase();
}

/** Creates a function that finds the column for a field name that is not a column name. */
export function makeNameReader(table: LogTable): (name: string) => NamedColumn | undefined {
  const columns = new Map<string, NamedColumn>();
  for (const [index, { name, spellings = [] }] of table.columns.entries()) {
    if (name === "extra") continue;
    columns.set(name, { index, rank: 0 });
    for (const [place, spelling] of spellings.entries()) {
      const spelled = typeof spelling === "string" ? { name: spelling } : spelling;
      const unit = "unit" in spelled ? spelled.unit : undefined;
      columns.set(spelled.name, { index, rank: place + 1, unit });
    }
  }
  return (name) => (name.length > MAX_NAME_LENGTH ? undefined : columns.get(comparedName(name)));
}
