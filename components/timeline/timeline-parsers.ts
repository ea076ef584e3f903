import { parseAsString, parseAsStringLiteral } from "nuqs/server";
import { rangeParsers } from "../time-range/range-parameters";

/** The URL of a timeline. */
export const timelineParsers = {
  user_id: parseAsString,
  session_id: parseAsString,
  ip_address: parseAsString,
  filter: parseAsString,
  ...rangeParsers,
  archived: parseAsStringLiteral(["1"]),
  /** The opened event. */
  row: parseAsString,
};
