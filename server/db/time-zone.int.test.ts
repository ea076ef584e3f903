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

// Node resolves them to Chicago and Brussels, PostgreSQL to a fixed offset.
test.each(["CST", "CET"])("%s, whose meaning differs, prevents the start with one line", async (timeZone) => {
  const refusal = requireSameTimeZone(database.db.sql, timeZone, now);
  await expect(refusal).rejects.toBeInstanceOf(StartError);
  await expect(refusal).rejects.toThrow(new RegExp(`^APP_TIMEZONE is "${timeZone}", but on .*$`));
});

test("a zone unknown to PostgreSQL prevents the start with one line", async () => {
  const refusal = requireSameTimeZone(database.db.sql, "US/Pacific-New", now);
  await expect(refusal).rejects.toBeInstanceOf(StartError);
  await expect(refusal).rejects.toThrow(/^APP_TIMEZONE is "US\/Pacific-New".*$/);
});

test("every supported zone is checked in milliseconds, and nearly all are accepted", async () => {
  const refused: string[] = [];
  for (const timeZone of Intl.supportedValuesOf("timeZone")) {
    await requireSameTimeZone(database.db.sql, timeZone, now).catch(() => refused.push(timeZone));
  }
  expect(refused.length).toBeLessThan(10);
});
