import type { Field } from "./fields";

type Variable = Omit<Field, "name">;

const number: Variable = { kind: "number" };
const decimal: Variable = { kind: "decimal" };
const list: Variable = { kind: "list" };
const word: Variable = { kind: "word" };

/**
 * nginx's variables whose values are not any text, and those with a column under another name.
 * https://nginx.org/en/docs/varindex.html
 */
const VARIABLES: Readonly<Record<string, Variable>> = {
  remote_addr: { kind: "address" },
  realip_remote_addr: { kind: "address" },
  proxy_protocol_addr: { kind: "address" },
  proxy_protocol_server_addr: { kind: "address" },
  server_addr: { kind: "address" },
  remote_port: number,
  realip_remote_port: number,
  proxy_protocol_port: number,
  proxy_protocol_server_port: number,
  server_port: number,
  status: number,
  body_bytes_sent: number,
  bytes_sent: number,
  bytes_received: number,
  request_length: number,
  content_length: number,
  connection: number,
  connection_requests: number,
  connections_active: number,
  connections_reading: number,
  connections_waiting: number,
  connections_writing: number,
  pid: number,
  limit_rate: number,
  request_time: { kind: "decimal", column: "response_time", unit: "s" },
  connection_time: decimal,
  session_time: decimal,
  gzip_ratio: decimal,
  msec: { kind: "decimal", column: "created_at", unit: "s" },
  time_local: { kind: "time_local", column: "created_at" },
  time_iso8601: { kind: "time_iso", column: "created_at" },
  date_local: { kind: "time" },
  date_gmt: { kind: "time" },
  upstream_response_time: list,
  upstream_connect_time: list,
  upstream_header_time: list,
  upstream_queue_time: list,
  upstream_first_byte_time: list,
  upstream_session_time: list,
  upstream_status: list,
  upstream_response_length: list,
  upstream_bytes_received: list,
  upstream_bytes_sent: list,
  request: { kind: "request", column: "request_path" },
  request_uri: { kind: "text", column: "request_path" },
  uri: { kind: "text", column: "request_path" },
  document_uri: { kind: "text", column: "request_path" },
  request_method: { kind: "word" },
  request_id: word,
  request_completion: word,
  remote_user: { kind: "text", column: "user_id" },
  http_referer: { kind: "text", column: "referer" },
  http_user_agent: { kind: "text", column: "user_agent" },
  http_x_forwarded_for: { kind: "text", column: "ip_address" },
  http_x_real_ip: { kind: "text", column: "ip_address" },
  geoip_country_name: { kind: "text", column: "country" },
  geoip_country_code: { kind: "text", column: "country" },
  geoip_city_country_name: { kind: "text", column: "country" },
  geoip_region_name: { kind: "text", column: "region" },
  geoip_region: { kind: "text", column: "region" },
  geoip_city: { kind: "text", column: "city" },
  scheme: word,
  https: word,
  http2: word,
  http3: word,
  host: word,
  hostname: word,
  server_name: word,
  server_protocol: word,
  is_args: word,
  pipe: word,
  nginx_version: word,
  tcpinfo_rtt: number,
  tcpinfo_rttvar: number,
  tcpinfo_snd_cwnd: number,
  tcpinfo_rcv_space: number,
  ssl_cipher: word,
  ssl_protocol: word,
  ssl_curve: word,
  ssl_session_id: word,
  ssl_session_reused: word,
  ssl_early_data: word,
  ssl_server_name: word,
  ssl_client_fingerprint: word,
  ssl_client_serial: word,
};

/** The variables that can have the value of a column, best first. */
export const PREFERRED: readonly string[] = [
  "msec",
  "time_iso8601",
  "time_local",
  "remote_addr",
  "request_uri",
  "request",
  "uri",
  "document_uri",
];

/** Variables that are written without a separator, and the variable that has their value. */
export const COMPOSED: readonly { readonly parts: readonly string[]; readonly field: Field }[] = [
  ...["uri", "document_uri"].flatMap((uri) =>
    ["args", "query_string"].map((args) => ({
      parts: [uri, "is_args", args],
      field: { name: "request_uri", kind: "uri_args", column: "request_path" } as const,
    })),
  ),
  ...["host", "http_host", "server_name"].map((host) => ({
    parts: [host, "request_uri"],
    field: { name: host, kind: "host_path", column: "request_path" } as const,
  })),
];

/** The field of a variable; those of modules and of `map` are text. */
export function nginxField(name: string): Field {
  return {
    name,
    ...(Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined),
    kind: VARIABLES[name]?.kind ?? "text",
  };
}
