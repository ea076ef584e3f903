/** How the user chooses the mapping of a file. */
export type MappingChoice =
  | { kind: "auto" }
  /** A preset or a saved mapping. */
  | { kind: "name"; name: string }
  | { kind: "format"; text: string }
  | { kind: "columns"; columns: Readonly<Record<string, ColumnField>> };

export interface ColumnField {
  /** The path as in pairs; null: by its usual names. */
  field: string | null;
  unit: string | null;
}

/** The parameter `map`; undefined: detected by the server. */
export function expressionOf(choice: MappingChoice): string | undefined {
  switch (choice.kind) {
    case "auto":
      return undefined;
    case "name":
      return choice.name;
    case "format":
      return choice.text.trim() === "" ? undefined : choice.text;
    case "columns": {
      const pairs = Object.entries(choice.columns).flatMap(([column, { field, unit }]) =>
        field === null ? [] : [`${column}=${field}${unit === null ? "" : `:${unit}`}`],
      );
      return pairs.length === 0 ? undefined : pairs.join(",");
    }
  }
}
