import type { Column, LogTable } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import type { CsvCell } from "@/server/catalog/formats/csv-cells";
import { isGuarded } from "@/server/lib/formula-guard";
import type { Row } from "../batch";
import { InvalidEvent } from "./invalid-event";
import { makeValueReader } from "./value-readers";

/**
 * A row of a CSV file that this product exported with all columns. It is restored exactly: an empty cell is NULL, a
 * quoted empty cell is empty text, JSON keeps its text, and nothing is derived.
 */
export class ExportedRow {
  [column: string]: string | null;

  constructor(columns: readonly Column[], cells: readonly CsvCell[]) {
    for (const [index, { name }] of columns.entries()) this[name] = cells[index] ?? null;
  }
}

/** The member of a queue message that contains an exported row, as one text per column. */
const QUEUED_AS = "$exported";

/** Creates the queue message of an exported row, which the worker reads like the intake reads the row. */
export function exportedMessage(columns: readonly Column[], row: Row): string {
  return JSON.stringify({ [QUEUED_AS]: Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])) });
}

/** Returns the exported row of a queue message; undefined for other events. */
export function readExportedMessage(
  event: Readonly<Record<string, unknown>>,
  { columns }: LogTable,
): ExportedRow | undefined {
  const members = event[QUEUED_AS];
  if (typeof members !== "object" || members === null || Object.keys(event).length > 1) return undefined;
  const cells = new Map(Object.entries(members));
  return new ExportedRow(
    columns,
    columns.map(({ name }) => {
      const cell: unknown = cells.get(name);
      return typeof cell === "string" ? cell : null;
    }),
  );
}

/** Parses a row of an export, without the apostrophes that guard against formulas. */
export function exportedRowOf({ columns }: LogTable, cells: readonly CsvCell[]): ExportedRow {
  const plain = columns.map(({ type }, index) => {
    const cell = cells[index] ?? null;
    return cell !== null && type === "text" && isGuarded(cell) ? cell.slice(1) : cell;
  });
  return new ExportedRow(columns, plain);
}

/** Whether a header lists all columns of `table` in order, as exports do and other files rarely do. */
export function isExportHeader(names: readonly string[], { columns }: LogTable): boolean {
  return names.length === columns.length && columns.every(({ name }, index) => names[index] === name);
}

/**
 * Creates a parser for a table's exported rows.
 * @throws InvalidEvent, when parsing, for a value that the column does not accept
 */
export function makeExportedRowReader(table: LogTable, timeZone: string): (exported: ExportedRow) => Row {
  const readers = table.columns.map((column) => makeCellReader(column, timeZone));
  return (exported) =>
    table.columns.map(({ name, required }, index) => {
      const cell = exported[name] ?? null;
      if (cell !== null) return readers[index]?.(cell) ?? null;
      if (required || name === "id" || name === "created_at")
        throw new InvalidEvent(errorValue("event.missing", { field: name }));
      return null;
    });
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function makeCellReader(column: Column, timeZone: string): (cell: string) => string | null {
  const { name } = column;
  switch (column.type) {
    case "jsonb":
      return (cell) => {
        requireJson(cell, name);
        return cell;
      };
    case "uuid":
      return (cell) => {
        if (!UUID.test(cell)) throw new InvalidEvent(errorValue("event.not_text_or_number", { field: name }));
        return cell.toLowerCase();
      };
    default: {
      // An address is restored as stored, without interpretation.
      const read = makeValueReader(column.type === "text" ? { ...column, isAddress: false } : column, timeZone);
      return (cell) => read(cell).value;
    }
  }
}

function requireJson(cell: string, name: string): void {
  try {
    JSON.parse(cell);
  } catch {
    throw new InvalidEvent(errorValue("event.not_json", { field: name }));
  }
}
