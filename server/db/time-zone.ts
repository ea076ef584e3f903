import { tzOffset } from "@date-fns/tz";
import { causeCode } from "@/server/lib/errors";
import { StartError } from "@/server/process/start-error";
import type { Sql } from "./client";
import { SQLSTATE } from "./sqlstate";

const DAY_MS = 86_400_000;
/** From two years ago to a year ahead: earlier rules differ between releases of the time zone data. */
const SAMPLED_DAYS = { from: -730, to: 365, step: 5 };

/**
 * Checks that PostgreSQL and Node agree on `timeZone`. Node formats the times in the interface, PostgreSQL those in
 * exports and reports.
 * @throws StartError with a line for the user
 */
export async function requireSameTimeZone(sql: Sql, timeZone: string, now: Date): Promise<void> {
  const times = sampledTimes(now);
  const offsets = await offsetsInPostgres(sql, timeZone, times);
  const difference = times.find((time, index) => offsets[index] !== tzOffset(timeZone, time));
  if (difference === undefined) return;
  const theirs = offsets[times.indexOf(difference)];
  throw new StartError(
    `APP_TIMEZONE is "${timeZone}", but on ${difference.toISOString().slice(0, 10)} it is UTC${shown(theirs)} in PostgreSQL ` +
      `and UTC${shown(tzOffset(timeZone, difference))} in Node: use another name of the zone, or update the older of the two.`,
  );
}

function sampledTimes(now: Date): Date[] {
  const { from, to, step } = SAMPLED_DAYS;
  const count = (to - from) / step;
  return Array.from({ length: count }, (_, index) => new Date(now.getTime() + (from + index * step) * DAY_MS));
}

/** Returns the minutes east of UTC at each of `times`. */
async function offsetsInPostgres(sql: Sql, timeZone: string, times: readonly Date[]): Promise<number[]> {
  try {
    const rows = await sql<{ minutes: number }[]>`
      select (extract(epoch from (time at time zone ${timeZone}) - (time at time zone 'UTC')) / 60)::float8 as minutes
      from unnest(${times.map((time) => time.toISOString())}::timestamptz[]) with ordinality as sample (time, position)
      order by position`;
    return rows.map(({ minutes }) => minutes);
  } catch (error) {
    if (causeCode(error) !== SQLSTATE.invalidParameterValue) throw error;
    throw new StartError(`APP_TIMEZONE is "${timeZone}", a time zone that is unknown to this PostgreSQL.`);
  }
}

/** `+08:00` */
function shown(minutes = 0): string {
  const absolute = Math.abs(minutes);
  const two = (part: number) => String(Math.floor(part)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(absolute / 60)}:${two(absolute % 60)}`;
}
