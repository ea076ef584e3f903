import postgres from "postgres";
import type { Sql } from "./client";

/**
 * One connection for bulk reads, outside the pools: it may be held for hours, and ending it ends all that it holds.
 * Numerics and int8 come as text.
 * @param timeZone what timestamps are written in
 */
export function connectSession(url: string, options: { applicationName: string; timeZone: string }): Sql {
  return postgres(url, {
    max: 1,
    connect_timeout: 10,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: options.applicationName,
      TimeZone: options.timeZone,
      // COPY takes no parameters: values stand in the statement as literals, where a backslash must be just that.
      standard_conforming_strings: "on",
    },
  });
}
