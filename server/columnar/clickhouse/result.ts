import type { Readable } from "node:stream";
import type { ColumnarRow, ColumnarValue } from "../engine";

/** The format of results: lines of names, types, and then rows. */
export const RESULT_FORMAT = "JSONCompactEachRowWithNamesAndTypes";

const BLOCK_ROWS = 2_000;

/** Reads the rows of a result in blocks. */
export async function* readResult(stream: Readable): AsyncGenerator<ColumnarRow[]> {
  let names: string[] | undefined;
  let hasTypes = false;
  let rows: ColumnarRow[] = [];
  for await (const line of linesOf(stream)) {
    const values = JSON.parse(line) as ColumnarValue[];
    if (!names) names = values.map(String);
    else if (!hasTypes) hasTypes = true;
    else {
      rows.push(Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])));
      if (rows.length < BLOCK_ROWS) continue;
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
  if (rest !== "") yield rest;
}
