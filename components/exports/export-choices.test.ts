import { expect, test } from "vitest";
import { choicesOf, type ExportChoices, exportParams } from "./export-choices";

const NOW = "2026-06-01T12:00:00.000Z";
const choices: ExportChoices = {
  type: "access_logs",
  range: { start: "2026-05-01", end: "2026-05-31" },
  filters: { status_code: "4xx" },
  columns: ["created_at", "request_path"],
  format: "csv",
  compress: "gzip",
  bom: false,
};

const filledFrom = (made: ExportChoices) => choicesOf(exportParams(made, Date.parse(NOW)), NOW);

test("the form is filled with what a file was made of", () => {
  expect(filledFrom(choices)).toEqual(choices);
});

test("after a workbook, which has no byte order mark, a CSV has one as by default", () => {
  expect(filledFrom({ ...choices, format: "excel" })).toMatchObject({ format: "excel", bom: true });
});
