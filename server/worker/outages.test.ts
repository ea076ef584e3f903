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

test("an outage is one line however long it lasts, and one at its end", () => {
  const { lines, outages } = logged();
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(outages.isOutage("access_logs", refused())).toBe(true);
    expect(outages.isOutage("user_activities", refused())).toBe(true);
  }
  outages.worked("access_logs");
  outages.worked("user_activities");
  outages.worked("user_activities");
  expect(lines).toEqual([
    "PostgreSQL cannot be reached; nothing is stored until that changes",
    "over: PostgreSQL cannot be reached",
  ]);
});

test("Redis being away is not taken for PostgreSQL being away, and a fault for neither", () => {
  const { lines, outages } = logged();
  expect(
    outages.isOutage("access_logs", new AppError("queue.unreachable", { text: "refused" }, { cause: refused() })),
  ).toBe(true);
  expect(lines).toEqual(["Redis cannot be reached; nothing is stored until that changes"]);
  expect(outages.isOutage("access_logs", new Error("a bug"))).toBe(false);
});

test("a full disk of the database is an outage of its own", () => {
  const { lines, outages } = logged();
  const full = Object.assign(new Error("could not extend file"), { code: "53100" });
  expect(outages.isOutage("access_logs", new Error("Failed query", { cause: full }))).toBe(true);
  expect(outages.isOutage("user_activities", refused())).toBe(true);
  outages.worked("access_logs");
  expect(lines).toEqual([
    "the database's disk is full; nothing is stored until that changes",
    "PostgreSQL cannot be reached; nothing is stored until that changes",
    "over: the database's disk is full",
  ]);
});

test("a lock, a read-only server or a deadlock is an outage, an event that PostgreSQL refuses is none", () => {
  const { lines, outages } = logged();
  const failed = (code: string) => Object.assign(new Error("failed"), { code });
  for (const code of ["55P03", "25006", "40P01", "25P03", "57014", "53200"]) {
    expect(outages.isOutage("access_logs", failed(code))).toBe(true);
  }
  expect(lines.slice(0, 2)).toEqual([
    "the table is locked; nothing is stored until that changes",
    "PostgreSQL is read-only; nothing is stored until that changes",
  ]);
  for (const code of ["22P02", "23514", "54000", "42P01", "P0001"]) {
    expect(outages.isOutage("access_logs", failed(code))).toBe(false);
  }
});
