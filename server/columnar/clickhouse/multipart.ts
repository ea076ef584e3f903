import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { ClickhouseStatement, SentFile } from "./statement";

/**
 * A body of multipart/form-data with a query, its parameters, and files that ClickHouse reads as tables. The URL of a
 * request has a limit, in proxies too, which long queries would exceed.
 */
export function multipartBody({ text, params, files }: ClickhouseStatement) {
  const boundary = randomUUID();
  const start = (disposition: string) => `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
  const field = (name: string, value: string) => `${start(`name="${name}"`)}\r\n${value}\r\n`;
  async function* parts(): AsyncGenerator<Uint8Array | string> {
    yield field("query", text);
    for (const [name, value] of Object.entries(params)) yield field(`param_${name}`, paramText(value));
    for (const { name, file } of files) {
      yield `${start(`name="${name}"; filename="${name}"`)}content-type: text/csv\r\n\r\n`;
      yield* createReadStream(file);
      yield "\r\n";
    }
    yield `--${boundary}--\r\n`;
  }
  return { type: `multipart/form-data; boundary=${boundary}`, body: Readable.from(parts(), { objectMode: false }) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\0": "\\0",
};

/** A parameter as ClickHouse's format TabSeparated has it. */
function paramText(value: string | number | boolean | null): string {
  if (value === null) return "\\N";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are escaped.
  return String(value).replace(/[\\\t\n\r\u0000]/g, (character) => ESCAPES[character] ?? "");
}

/** The settings by which ClickHouse knows the files. */
export function fileSettings(files: readonly SentFile[]): Record<string, string> {
  return Object.fromEntries(
    files.flatMap(({ name, structure }) => [
      [`${name}_structure`, structure],
      [`${name}_format`, "CSV"],
    ]),
  );
}
