import type { DurationUnit, LogTable } from "./types";

/** A column that a name in an event means. */
export interface NamedColumn {
  /** The column's place in the catalog. */
  readonly index: number;
  /** Of the names of one column, the lowest is taken. */
  readonly rank: number;
  /** Unit of a duration that the name says. */
  readonly unit?: DurationUnit;
}

const LONGEST_NAME = 40;

/**
 * A name as names are compared: in lower case, with `_` for a hump, a space, a hyphen or a dot. `clientIp`, `Client-IP`
 * and `client ip` are `client_ip`.
 */
export function comparedName(name: string): string {
  return name
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[\s.-]+/g, "_")
    .toLowerCase();
}

/** Makes the function that finds the column that a name means where no column has exactly that name. */
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
  return (name) => (name.length > LONGEST_NAME ? undefined : columns.get(comparedName(name)));
}
