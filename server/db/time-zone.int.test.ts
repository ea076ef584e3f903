import { afterAll, beforeAll, expect, test } from "vitest";
import { StartError } from "@/server/process/start-error";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { requireSameTimeZone } from "./time-zone";

let database: TestDatabase;
const now = new Date("2026-11-29T12:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test.each(["Asia/Shanghai", "UTC", "America/New_York", "PRC", "Asia/Kathmandu", "Australia/Lord_Howe", "Etc/GMT+8"])(
  "%s is the same zone in PostgreSQL and Node",
  async (timeZone) => {
    await expect(requireSameTimeZone(database.db.sql, timeZone, now)).resolves.toBeUndefined();
  },
);

// Node takes them for Chicago and Brussels, PostgreSQL for a fixed offset.
test.each(["CST", "CET"])("%s, which means something else in each, stops the start in one line", async (timeZone) => {
  const refusal = requireSameTimeZone(database.db.sql, timeZone, now);
  await expect(refusal).rejects.toBeInstanceOf(StartError);
  await expect(refusal).rejects.toThrow(new RegExp(`^APP_TIMEZONE is "${timeZone}", but on .*$`));
});

test("a zone that PostgreSQL does not know stops the start in one line", async () => {
  const refusal = requireSameTimeZone(database.db.sql, "US/Pacific-New", now);
  await expect(refusal).rejects.toBeInstanceOf(StartError);
  await expect(refusal).rejects.toThrow(/^APP_TIMEZONE is "US\/Pacific-New".*$/);
});

test("every zone that the interface could offer is checked in milliseconds, and most are the same", async () => {
  const refused: string[] = [];
  for (const timeZone of Intl.supportedValuesOf("timeZone")) {
    await requireSameTimeZone(database.db.sql, timeZone, now).catch(() => refused.push(timeZone));
  }
  expect(refused.length).toBeLessThan(10);
});
