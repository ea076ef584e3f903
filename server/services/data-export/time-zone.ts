import { tzOffset } from "@date-fns/tz";
import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";

const known = new Map<string, boolean>();

/** Whether all offsets of `timeZone` in the years that can be stored are whole hours; looked at once a month. */
export function hasWholeHours(timeZone: string): boolean {
  let answer = known.get(timeZone);
  if (answer === undefined) {
    const months = Array.from({ length: (LAST_YEAR - FIRST_YEAR + 1) * 12 }, (_, month) => month);
    answer = months.every((month) => tzOffset(timeZone, new Date(Date.UTC(FIRST_YEAR, month, 15))) % 60 === 0);
    known.set(timeZone, answer);
  }
  return answer;
}
