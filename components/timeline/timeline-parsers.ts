import { parseAsString, parseAsStringLiteral } from "nuqs";
import { RELATIVE_RANGES } from "../time-range/range";

/** The URL of a timeline. */
export const timelineParsers = {
  user_id: parseAsString,
  session_id: parseAsString,
  ip_address: parseAsString,
  filter: parseAsString,
  range: parseAsStringLiteral(RELATIVE_RANGES),
  start: parseAsString,
  end: parseAsString,
  archived: parseAsStringLiteral(["1"]),
  /** The opened event. */
  row: parseAsString,
};
