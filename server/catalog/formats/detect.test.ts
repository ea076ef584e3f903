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
  ["a first JSON line longer than the examined text", `{"user_id":"${"x".repeat(100)}`, "ndjson"],
  ["a JSON array", `[${EVENT},${EVENT}]`, "json"],
  ["a JSON array over several lines", `[\n  ${EVENT},\n  ${EVENT}\n]\n`, "json"],
  ["a cut JSON array", `[${EVENT},${EVENT.slice(0, 9)}`, "json"],
  ["items", `{"items": [${EVENT}]}`, "json"],
  ["an indented object", '{\n  "user_id": "7",\n  "action": "login"\n}\n', "json"],
  ["a byte order mark before JSON", `\uFEFF[${EVENT}]`, "json"],
  ["CSV with a header", "user_id,action\n7,login\n", "csv"],
  ["CSV with a quoted header and CRLF", '"user_id","action"\r\n7,login\r\n', "csv"],
  ["log lines of an IPv6 host in brackets", `[2001:db8::1]:443 ${LOG_LINE}\n`, "combined"],
  ["an error log", "[Wed Oct 11 14:32:52 2000] [error] [client 10.0.0.1] no\n", undefined],
  ["lines that begin with a time in brackets", `[26/Jun/2023:14:24:53 +0800] GET /\n`, undefined],
  ["an array of numbers", "[1, 2]", "json"],
  ["log lines after NUL bytes", `${"\0".repeat(50)}${LOG_LINE}\n`, "combined"],
  ["CSV with semicolons", "user_id;action\n7;login\n", "csv"],
  ["CSV with tabs after Excel's line", "sep=\t\nuser_id\taction\n7\tlogin\n", "csv"],
  ["CSV with other common names", "remote_addr,uri,status\n", "csv"],
  ["text of another kind", "hello\nworld\n", undefined],
])("%s are detected by their beginning", (_, text, format) => {
  expect(detectFormat(text)).toBe(format);
});
