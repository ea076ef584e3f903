import postgres from "postgres";
import type { Sql } from "./client";
import { longWorkSettings } from "./connection-settings";
import { longWorkDeadlines } from "./silence";

/**
 * One connection for bulk reads, outside the pools: it may be held for hours, and ending it ends all that it holds.
 * Numerics and int8 come as text.
 * @param timeZone what timestamps are written in
 */
export function connectSession(url: string, options: { applicationName: string; timeZone: string }): Sql {
  return postgres(url, {
    max: 1,
    connect_timeout: 5,
    keep_alive: 30,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    connection: { ...longWorkSettings(options.applicationName), TimeZone: options.timeZone },
    ...longWorkDeadlines(url),
  });
}
