import { describe, expect, it } from "vitest";
import { logTables } from "@/server/catalog";
import { guessTable, previewRecords } from "./preview";

const { access_logs: accessLogs, user_activities: userActivities } = logTables;
const logLine = '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "curl/8"';

describe("The preview of a file", () => {
  it("shows log lines as rows and a broken one with its line and reason", () => {
    const [good, bad] = previewRecords(`${logLine}\n\nnot a log line\n`, "combined", accessLogs);
    expect(good).toMatchObject({ line: 1, problem: null, event: { ip_address: "192.0.2.1", request_path: "/a" } });
    expect(bad).toMatchObject({ line: 3, event: null, problem: expect.stringContaining("created_at") });
  });

  it("reads NDJSON line by line", () => {
    const lines = '{"user_id":"1","action":"login"}\n[1]\n{"user_id":"2"}\n{';
    expect(previewRecords(lines, "ndjson", userActivities).map((record) => record.problem)).toEqual([
      null,
      "event: not a JSON object",
      "action: missing",
      "event: not JSON",
    ]);
  });

  it("reads CSV with quotes, line ends in cells and rows of the wrong length, and counts the lines", () => {
    const csv = 'user_id,action,details\r\n1,login,"a\nb"\r\n2,logout\r\n';
    expect(previewRecords(csv, "csv", userActivities)).toMatchObject([
      { line: 2, event: { user_id: "1", action: "login", details: "a\nb" }, problem: null },
      { line: 4, event: null, problem: "row: fewer cells than the header" },
    ]);
  });

  it("reads a JSON document as an array, as items and as one event", () => {
    const event = '{"user_id":"1","action":"login"}';
    for (const document of [`[${event}]`, `{"items":[${event}]}`, event]) {
      expect(previewRecords(document, "json", userActivities)).toMatchObject([{ line: 1, problem: null }]);
    }
  });

  it("stops after twenty records, however long the file", () => {
    expect(previewRecords(`${logLine}\n`.repeat(1000), "combined", accessLogs)).toHaveLength(20);
  });
});

describe("The table of a file", () => {
  it("is guessed by what its events have", () => {
    expect(guessTable(logLine, "combined")).toBe("access_logs");
    expect(guessTable('{"user_id":"1","action":"login"}', "ndjson")).toBe("user_activities");
    expect(guessTable("ip_address,request_path\n192.0.2.1,/a\n", "csv")).toBe("access_logs");
    expect(guessTable('{"nothing":"known"}', "ndjson")).toBeUndefined();
  });
});
