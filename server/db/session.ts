import { type Sql, TIME_AS_TEXT } from "./client";
import { longWorkSettings } from "./connection-settings";
import { openClient } from "./connection-url";
import { longWorkDeadlines } from "./silence";

/**
 * Opens a single connection outside the pools for bulk reads that take hours. Ending it releases all its locks and
 * cursors. Timestamps, numerics and int8 are returned as text.
 * @param timeZone the time zone of returned timestamps
 */
export function connectSession(url: string, options: { applicationName: string; timeZone: string }): Sql {
  return openClient(url, {
    max: 1,
    connect_timeout: 5,
    keep_alive: 30,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    types: { timestamptz: TIME_AS_TEXT },
    connection: { ...longWorkSettings(options.applicationName), TimeZone: options.timeZone },
    ...longWorkDeadlines(url),
  });
}
