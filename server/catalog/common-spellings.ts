/**
 * Alternative names of the columns that all log tables have, most likely first, normalized as in spellings.ts:
 * `clientIp`, `Client-IP` and `client ip` are all `client_ip`.
 */

export const TIME_SPELLINGS = [
  "timestamp",
  "@timestamp",
  "time_iso8601",
  "time_local",
  "time",
  "datetime",
  "date_time",
  "event_time",
  "occurred_at",
  "logged_at",
  "created",
  "create_time",
  "ts",
  "msec",
  "date",
] as const;

export const ADDRESS_SPELLINGS = [
  "client_ip",
  "clientip",
  "remote_addr",
  "remote_address",
  "remote_ip",
  "client_addr",
  "client_address",
  "source_ip",
  "src_ip",
  "user_ip",
  "c_ip",
  "ip",
] as const;

export const USER_SPELLINGS = ["userid", "uid", "remote_user", "username", "user_name", "cs_username", "user"] as const;

export const SESSION_SPELLINGS = ["sessionid", "sid", "session"] as const;

export const USER_AGENT_SPELLINGS = ["http_user_agent", "useragent", "cs(user_agent)", "agent", "ua"] as const;
