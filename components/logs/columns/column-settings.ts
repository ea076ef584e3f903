import type { BrowsedTable, Column } from "@/server/catalog";

export const DENSITIES = ["compact", "comfortable"] as const;
export type Density = (typeof DENSITIES)[number];

/** The user's settings for a table. */
export interface ColumnSettings {
  /** Names of the shown columns in order; null for the default. */
  shown: readonly string[] | null;
  /** CSS pixels, by column. */
  widths: Readonly<Record<string, number>>;
  density: Density;
  /** Whether long values wrap. */
  wrap: boolean;
}

export const DEFAULT_SETTINGS: ColumnSettings = { shown: null, widths: {}, density: "compact", wrap: false };

const NARROWEST = 56;
const WIDEST = 1_200;

/** The column that opens a row: it cannot be hidden. */
export const ROW_OPENER = "created_at";

export function defaultColumns(table: BrowsedTable): string[] {
  return table.columns.filter((column) => column.shown).map((column) => column.name);
}

/** Returns the valid names without duplicates, including the column that opens a row; the default if none is left. */
export function knownColumns(table: BrowsedTable, names: readonly string[] | null): string[] {
  const known = new Set(table.columns.map((column) => column.name));
  const shown = [...new Set(names ?? [])].filter((name) => known.has(name));
  if (shown.length === 0) return defaultColumns(table);
  return shown.includes(ROW_OPENER) ? shown : [ROW_OPENER, ...shown];
}

/** Moves `name` within `names` by `steps`, up to the ends. */
export function moveColumn(names: readonly string[], name: string, steps: number): string[] {
  const from = names.indexOf(name);
  const to = Math.max(0, Math.min(names.length - 1, from + steps));
  const moved = names.filter((other) => other !== name);
  moved.splice(to, 0, name);
  return moved;
}

/** Parses stored settings, also those of other versions. */
export function readSettings(stored: string | undefined): ColumnSettings {
  try {
    const { shown, widths, density, wrap }: Record<string, unknown> = JSON.parse(stored ?? "{}") ?? {};
    return {
      shown: Array.isArray(shown) ? shown.filter((name) => typeof name === "string") : null,
      widths: readWidths(widths),
      density: DENSITIES.find((known) => known === density) ?? DEFAULT_SETTINGS.density,
      wrap: wrap === true,
    };
  } catch {
    return DEFAULT_SETTINGS;
  }
}

function readWidths(widths: unknown): Record<string, number> {
  if (typeof widths !== "object" || widths === null) return {};
  const numbers = Object.entries(widths).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return Object.fromEntries(numbers.map(([name, width]) => [name, clampWidth(width)]));
}

export function clampWidth(width: number): number {
  return Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
}

/** Returns the default CSS width of the column; undefined if it takes the remaining space. */
export function naturalWidth(column: Column): number | undefined {
  if (column.type === "timestamptz") return 168;
  if (column.type === "uuid") return 290;
  if (column.filter === "status") return 64;
  if (column.name === "request_method") return 72;
  if (column.filter === "range") return 104;
  if (column.name === "ip_address") return 132;
  if (column.name === "actor_name") return 200;
  if (column.codes === "audit_action") return 190;
  if (column.filter === "prefix" || column.type === "jsonb") return undefined;
  if (column.name === "user_agent" || column.name === "referer") return 260;
  if (column.required) return 124;
  return (column.maxLength ?? Number.POSITIVE_INFINITY) <= 100 ? 96 : 104;
}
