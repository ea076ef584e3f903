import { pino } from "pino";
import { expect, test } from "vitest";
import { AppError } from "@/server/lib/errors";
import { makeOutageLog } from "./outages";

function logged() {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  return { lines, outages: makeOutageLog(log) };
}

const refused = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

test("an outage logs one line at its start and one at its end", () => {
  const { lines, outages } = logged();
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(outages.isOutage("access_logs", refused())).toBe(true);
    expect(outages.isOutage("user_activities", refused())).toBe(true);
  }
  outages.recovered("access_logs");
  outages.recovered("user_activities");
  outages.recovered("user_activities");
  expect(lines).toEqual([
    "PostgreSQL is unavailable; inserts are paused until it recovers",
    "resolved: PostgreSQL is unavailable",
  ]);
});

test("outages of Redis and PostgreSQL are distinguished from each other and from errors", () => {
  const { lines, outages } = logged();
  expect(
    outages.isOutage("access_logs", new AppError("queue.unreachable", { text: "refused" }, { cause: refused() })),
  ).toBe(true);
  expect(lines).toEqual(["Redis is unavailable; inserts are paused until it recovers"]);
  expect(outages.isOutage("access_logs", new Error("a bug"))).toBe(false);
});

test("a full disk of the database is a separate outage", () => {
  const { lines, outages } = logged();
  const full = Object.assign(new Error("could not extend file"), { code: "53100" });
  expect(outages.isOutage("access_logs", new Error("Failed query", { cause: full }))).toBe(true);
  expect(outages.isOutage("user_activities", refused())).toBe(true);
  outages.recovered("access_logs");
  expect(lines).toEqual([
    "the database's disk is full; inserts are paused until it recovers",
    "PostgreSQL is unavailable; inserts are paused until it recovers",
    "resolved: the database's disk is full",
  ]);
});

test("a lock, a read-only server or a deadlock is an outage, a rejected event is not", () => {
  const { lines, outages } = logged();
  const failed = (code: string) => Object.assign(new Error("failed"), { code });
  for (const code of ["55P03", "25006", "40P01", "25P03", "57014", "53200"]) {
    expect(outages.isOutage("access_logs", failed(code))).toBe(true);
  }
  expect(lines.slice(0, 2)).toEqual([
    "the table is locked; inserts are paused until it recovers",
    "PostgreSQL is read-only; inserts are paused until it recovers",
  ]);
  for (const code of ["22P02", "23514", "54000", "42P01", "P0001"]) {
    expect(outages.isOutage("access_logs", failed(code))).toBe(false);
  }
});
