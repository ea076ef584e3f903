import type { AccessLogEvent } from "@/server/demo/traffic";

/** A text format of access logs: how the ingest command is told to read it, and the lines of a file. */
export interface TextFormat {
  readonly name: string;
  /** Arguments of `cli ingest`; none where the format is detected. */
  readonly flags?: readonly string[];
  readonly header?: string;
  readonly line: (event: AccessLogEvent) => string;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 30/Nov/2026:10:00:00, in UTC. */
function clfTime({ created_at }: AccessLogEvent): string {
  const month = MONTHS[Number(created_at.slice(5, 7)) - 1];
  return `${created_at.slice(8, 10)}/${month}/${created_at.slice(0, 4)}:${created_at.slice(11, 19)}`;
}

const dash = (text: string | null) => text ?? "-";
const seconds = ({ response_time }: AccessLogEvent) => (response_time / 1_000).toFixed(3);
const request = (event: AccessLogEvent) => `${event.request_method} ${event.request_path} HTTP/1.1`;
const combined = (event: AccessLogEvent) =>
  `${event.ip_address} - ${dash(event.user_id)} [${clfTime(event)} +0000] "${request(event)}" ${event.status_code} 512 "${dash(event.referer)}" "${event.user_agent}"`;
const csvCell = (value: unknown) => `"${String(value ?? "").replaceAll('"', '""')}"`;
const CSV_COLUMNS = [
  "created_at",
  "user_id",
  "session_id",
  "ip_address",
  "user_agent",
  "referer",
  "request_path",
  "request_method",
  "status_code",
  "response_time",
] as const;

/** The lines of a preset are those of its documentation, with the values of an event. */
export const TEXT_FORMATS: readonly TextFormat[] = [
  { name: "combined", line: combined },
  { name: "ndjson", line: (event) => JSON.stringify(event) },
  {
    name: "csv",
    flags: ["--format", "csv"],
    header: CSV_COLUMNS.join(","),
    line: (event) => CSV_COLUMNS.map((column) => csvCell(event[column])).join(","),
  },
  {
    name: "w3c",
    header:
      "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
    line: (event) => {
      const [path = "", query = "-"] = event.request_path.split("?");
      const agent = event.user_agent.replaceAll(" ", "+");
      return `${event.created_at.slice(0, 10)} ${event.created_at.slice(11, 19)} 10.0.0.5 ${event.request_method} ${path} ${query} 443 ${dash(event.user_id)} ${event.ip_address} ${agent} ${dash(event.referer)} ${event.status_code} 0 0 ${event.response_time}`;
    },
  },
  { name: "nginx-main", flags: ["--map", "nginx-main"], line: (event) => `${combined(event)} "10.1.1.1, 10.2.2.2"` },
  {
    name: "log_format",
    flags: [
      "--map",
      '$remote_addr [$time_iso8601] "$request" $status $body_bytes_sent $request_time "$http_user_agent"',
    ],
    line: (event) =>
      `${event.ip_address} [${event.created_at.slice(0, 19)}+00:00] "${request(event)}" ${event.status_code} 512 ${seconds(event)} "${event.user_agent}"`,
  },
  {
    name: "traefik-clf",
    flags: ["--map", "traefik-clf"],
    line: (event) => `${combined(event)} 17 "web@docker" "http://172.18.0.3:80" ${event.response_time}ms`,
  },
  {
    name: "haproxy",
    flags: ["--map", "haproxy"],
    line: (event) =>
      `Feb  6 12:14:14 localhost haproxy[14389]: ${event.ip_address}:33317 [${clfTime(event)}.${event.created_at.slice(20, 23)}] http-in static/srv1 10/0/30/69/${event.response_time} ${event.status_code} 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "${request(event)}"`,
  },
  {
    name: "envoy",
    flags: ["--map", "envoy"],
    line: (event) =>
      `[${event.created_at.slice(0, 23)}Z] "${request(event)}" ${event.status_code} - 154 0 ${event.response_time} 100 "${event.ip_address}" "${event.user_agent}" "${event.request_id}" "${event.host}" "tcp://10.0.2.1:80"`,
  },
  {
    name: "istio",
    flags: ["--map", "istio"],
    line: (event) =>
      `[${event.created_at.slice(0, 23)}Z] "${request(event)}" ${event.status_code} - via_upstream - "-" 0 135 ${event.response_time} 1 "-" "${event.user_agent}" "${event.request_id}" "${event.host}" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 ${event.ip_address}:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default`,
  },
  {
    name: "aws-alb",
    flags: ["--map", "aws-alb"],
    line: (event) =>
      `http ${event.created_at} app/my-loadbalancer/50dc6c495c0c9188 ${event.ip_address}:2817 10.0.0.1:80 0.000 ${seconds(event)} 0.000 ${event.status_code} ${event.status_code} 34 366 "${event.request_method} http://${event.host}:80${event.request_path} HTTP/1.1" "${event.user_agent}" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-${event.request_id}" "-" "-" 0 ${event.created_at} "forward" "-" "-" "-" "-" "-" "-"`,
  },
];
