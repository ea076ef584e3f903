import { expect, test } from "vitest";
import { choicesOf, type ExportChoices, exportParams, formatsOf } from "./export-choices";
import { readJsonColumns, writeJsonColumns } from "./json-columns";

const NOW = "2026-06-01T12:00:00.000Z";
const choices: ExportChoices = {
  type: "access_logs",
  range: { start: "2026-05-01", end: "2026-05-31" },
  filters: { status_code: "4xx" },
  columns: ["created_at", "request_path"],
  json: [{ field: "extra.amount", type: "number" }, { field: "extra.note" }],
  headers: "zh-CN",
  format: "csv",
  compress: "gzip",
  bom: false,
  archived: true,
};

const filledFrom = (made: ExportChoices) => choicesOf(exportParams(made, Date.parse(NOW)), NOW);

test("the form can be filled with the settings of an existing file", () => {
  expect(filledFrom(choices)).toEqual(choices);
});

test("a statistics report is CSV or Excel, also after rows were exported in another format", () => {
  expect(formatsOf("statistics")).toEqual(["csv", "excel"]);
  expect(exportParams({ ...choices, type: "statistics", format: "ndjson" }, 0)).toMatchObject({ format: "csv" });
});

test("after the settings of a workbook, a CSV has the default byte order mark", () => {
  expect(filledFrom({ ...choices, format: "excel" })).toMatchObject({ format: "excel", bom: true });
});

test("a link keeps the members of JSON columns, and one that was changed by hand has none", () => {
  for (const json of ["all", choices.json, null] as const)
    expect(readJsonColumns(writeJsonColumns(json))).toEqual(json);
  for (const text of ["", "[]", "[[1]]", '[["a", "date"]]', "{"]) expect(readJsonColumns(text)).toBeNull();
});

test("a file for programs has the names of the API", () => {
  expect(exportParams({ ...choices, format: "parquet" }, 0)).not.toHaveProperty("headers");
});
