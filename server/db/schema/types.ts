import { customType } from "drizzle-orm/pg-core";

/**
 * A timestamp as text with microseconds, which JavaScript's Date would truncate: `2024-01-31T08:00:00.123456Z`.
 * Connections use TimeZone=UTC, for which PostgreSQL returns `2024-01-31 08:00:00.123456+00`.
 */
export const timestamptz = customType<{ data: string; driverData: string }>({
  dataType: () => "timestamp with time zone",
  fromDriver: toIsoMicroseconds,
});

export function toIsoMicroseconds(text: string): string {
  const [date, clock] = text.replace(/\+00$/, "").split(" ");
  const [seconds, fraction = ""] = (clock ?? "").split(".");
  return `${date}T${seconds}.${fraction.padEnd(6, "0")}Z`;
}

export const inet = customType<{ data: string; driverData: string }>({ dataType: () => "inet" });

/** A transaction ID, which is never reused. */
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => "xid8" });

export const oid = customType<{ data: number; driverData: number }>({ dataType: () => "oid" });

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
