import { createSerializer } from "nuqs/server";
import { SUBJECTS, type Subject } from "@/server/catalog/timeline-subjects";
import type { TimeRange } from "../time-range/range";
import { writeRange } from "../time-range/range-parameters";
import { timelineParsers } from "./timeline-parsers";

export function isSubject(name: string): name is Subject {
  return SUBJECTS.some((subject) => subject === name);
}

const serialize = createSerializer(timelineParsers);

/** The URL of everything by a user, session or IP address. */
export function timelineHref(
  subject: Subject,
  value: string,
  { archived = false, range = null }: { readonly archived?: boolean; readonly range?: TimeRange } = {},
): string {
  return serialize("/timeline", { [subject]: value, ...writeRange(range, null), archived: archived ? "1" : null });
}
