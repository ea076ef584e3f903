import type { LogTable } from "@/server/catalog";
import { comparedName, makeNameReader, type NamedColumn } from "@/server/catalog/spellings";
import type { Row } from "../batch";
import { InvalidEvent } from "./invalid-event";
import type { ReadValue, ValueReader } from "./value-readers";

/** Field names are chosen by producers, so the cache is limited. */
const MAX_CACHED_NAMES = 4_096;
const MAX_CACHED_LENGTH = 64;

export interface Spelled {
  readonly name: string;
  readonly value: unknown;
  readonly column: NamedColumn;
}

export interface Destination {
  take(index: number, read: ReadValue): void;
  keep(name: string, value: unknown): void;
}

export interface SpelledValues {
  /** Returns the column for an alternative field name. */
  columnOf(name: string): NamedColumn | undefined;
  /**
   * Fills the empty columns of `row`; unused fields are passed to `keep`.
   * @throws InvalidEvent when a required column, or the time, has an invalid value
   */
  fill(row: Row, spelled: readonly Spelled[], to: Destination): void;
}

/**
 * Reads fields that have an alternative column name. A column's own name has precedence, then the most likely
 * alternative with a valid value. Other fields stay in `extra` under their names, including values that the column does
 * not accept: `status: "active"` is no status code. "-" means no value, as web servers write it.
 */
export function makeSpelledValues(table: LogTable, readers: readonly ValueReader[]): SpelledValues {
  const readName = makeNameReader(table);
  const known = new Map<string, NamedColumn | undefined>();
  const at = (name: string) => table.columns.findIndex((column) => column.name === name);
  const idAt = at("id");
  const createdAt = at("created_at");

  const fillColumn = (index: number, candidates: readonly Spelled[], to: Destination, taken: Set<Spelled>) => {
    let problem: InvalidEvent | undefined;
    for (const candidate of candidates) {
      if (!isScalar(candidate.value)) continue;
      try {
        const read = readers[index]?.(candidate.value, candidate.column.unit);
        if (!read || read.value === null) continue;
        to.take(index, read);
        taken.add(candidate);
        return;
      } catch (error) {
        if (!(error instanceof InvalidEvent)) throw error;
        problem ??= error;
      }
    }
    if (problem && (index === createdAt || table.columns[index]?.required)) throw problem;
  };

  return {
    columnOf(name) {
      if (known.has(name)) return known.get(name);
      const column = readName(name);
      // A spreadsheet column "ID" is usually the row number.
      const found = column?.index === idAt ? undefined : column;
      if (known.size < MAX_CACHED_NAMES && name.length <= MAX_CACHED_LENGTH) known.set(name, found);
      return found;
    },
    fill(row, spelled, to) {
      const taken = new Set<Spelled>();
      const byColumn = new Map<number, Spelled[]>();
      const clock = clockOf(spelled, createdAt);
      for (const candidate of clock ? [clock.whole, ...spelled] : spelled) {
        const { index } = candidate.column;
        if (candidate.value === "-" || candidate.value === "") taken.add(candidate);
        else if (row[index] === null) byColumn.set(index, [...(byColumn.get(index) ?? []), candidate]);
      }
      for (const [index, candidates] of byColumn) {
        const inOrder = candidates.toSorted((a, b) => a.column.rank - b.column.rank);
        fillColumn(index, inOrder, to, taken);
      }
      if (clock && taken.has(clock.whole)) for (const part of clock.parts) taken.add(part);
      for (const candidate of spelled) if (!taken.has(candidate)) to.keep(candidate.name, candidate.value);
    },
  };
}

const CLOCK = /^\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?$/;

/** Combines a `date` and a `time` of day into one time. */
function clockOf(
  spelled: readonly Spelled[],
  createdAt: number,
): { readonly whole: Spelled; readonly parts: readonly Spelled[] } | undefined {
  const named = (wanted: string) =>
    spelled.find(({ name, column }) => column.index === createdAt && comparedName(name) === wanted);
  const time = named("time");
  if (typeof time?.value !== "string" || !CLOCK.test(time.value)) return undefined;
  const date = named("date");
  if (typeof date?.value !== "string") return undefined;
  return { whole: { ...time, value: `${date.value} ${time.value}` }, parts: [time, date] };
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint";
}
