import { createSerializer } from "nuqs";
import { SUBJECTS, type Subject } from "@/server/catalog/timeline-subjects";
import { timelineParsers } from "./timeline-parsers";

export function isSubject(name: string): name is Subject {
  return SUBJECTS.some((subject) => subject === name);
}

const serialize = createSerializer(timelineParsers);

/** The URL of everything by a user, session or IP address. */
export function timelineHref(subject: Subject, value: string, { archived = false } = {}): string {
  return serialize("/timeline", { [subject]: value, archived: archived ? "1" : null });
}
