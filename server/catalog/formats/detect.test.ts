import { expect, test } from "vitest";
import { detectFormat } from "./detect";

const LOG_LINE = '10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1';
const EVENT = '{"user_id":"7","action":"login"}';

test.each([
  ["log lines", `${LOG_LINE}\n${LOG_LINE}\n`, "combined"],
  ["a log whose first line is something else", `started\n${LOG_LINE}\n`, "combined"],
  ["one JSON object a line", `${EVENT}\n${EVENT}\n`, "ndjson"],
  ["one JSON object", EVENT, "ndjson"],
  ["JSON lines of which the first is broken", `{"user_id":\n${EVENT}\n`, "ndjson"],
  ["JSON lines of which the first is an array", `[1]\n${EVENT}\n`, "ndjson"],
  ["a first JSON line longer than what is looked at", `{"user_id":"${"x".repeat(100)}`, "ndjson"],
  ["a JSON array", `[${EVENT},${EVENT}]`, "json"],
  ["a JSON array over several lines", `[\n  ${EVENT},\n  ${EVENT}\n]\n`, "json"],
  ["a cut JSON array", `[${EVENT},${EVENT.slice(0, 9)}`, "json"],
  ["items", `{"items": [${EVENT}]}`, "json"],
  ["an indented object", '{\n  "user_id": "7",\n  "action": "login"\n}\n', "json"],
  ["a byte order mark before JSON", `\uFEFF[${EVENT}]`, "json"],
  ["CSV with a header", "user_id,action\n7,login\n", "csv"],
  ["CSV with a quoted header and CRLF", '"user_id","action"\r\n7,login\r\n', "csv"],
  ["text of another kind", "hello\nworld\n", undefined],
])("%s are told by their beginning", (_, text, format) => {
  expect(detectFormat(text)).toBe(format);
});
