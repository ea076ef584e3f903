import type { LogTableName } from "@/server/catalog";
import type { Field } from "./fields";

interface PresetBase {
  /** As in `--map` and `?map=`. */
  readonly name: string;
  readonly title: string;
  readonly table: LogTableName;
  /** Where the format is documented. */
  readonly source: string;
}

/** A mapping that is part of the product. */
export type Preset = PresetBase &
  (
    | {
        readonly kind: "text";
        /** In the notation of nginx; the first that fits a line is used. */
        readonly formats: readonly string[];
        /** The variables of the formats; others are words. */
        readonly fields: Readonly<Record<string, Omit<Field, "name">>>;
        /** What a collector may have written before the line. */
        readonly prefix?: RegExp;
      }
    | { readonly kind: "fields"; readonly map: string }
    | { readonly kind: "w3c" }
    /** Lines of another format, of any of the presets, within the records of a collector. */
    | {
        readonly kind: "wrapper";
        readonly record: RegExp | "syslog" | { readonly line: readonly string[]; readonly time: readonly string[] };
      }
  );

/** The preset of syslog messages; `syslog:MAPPING` reads their texts with another mapping. */
export const SYSLOG = "syslog";

const PAIRS = (...pairs: readonly string[]): string => pairs.join(",");

const ENVOY_FIELDS: Readonly<Record<string, Omit<Field, "name">>> = {
  request: { kind: "request", column: "request_path" },
  status: { kind: "number" },
  bytes_received: { kind: "number" },
  bytes_sent: { kind: "number" },
  duration: { kind: "number", column: "response_time", unit: "ms" },
  upstream_service_time: { kind: "number" },
  start_time: { kind: "word", column: "created_at" },
  user_agent: { kind: "text" },
  authority: { kind: "text" },
  upstream_failure: { kind: "text" },
};

/** In order of precedence for records that several presets can read equally well. */
export const PRESETS: readonly Preset[] = [
  {
    name: "nginx-main",
    title: "nginx, Tengine, OpenResty: main",
    table: "access_logs",
    kind: "text",
    formats: [
      `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"`,
    ],
    fields: {
      remote_addr: { kind: "address" },
      remote_user: { kind: "text" },
      time_local: { kind: "time_local", column: "created_at" },
      request: { kind: "request", column: "request_path" },
      status: { kind: "number" },
      body_bytes_sent: { kind: "number" },
      http_referer: { kind: "text" },
      http_user_agent: { kind: "text" },
      http_x_forwarded_for: { kind: "text" },
    },
    source: "https://github.com/alibaba/tengine/blob/master/conf/nginx.conf",
  },
  {
    name: "traefik-clf",
    title: "Traefik: common",
    table: "access_logs",
    kind: "text",
    formats: [
      `$remote_addr - $remote_user [$time_local] "$request" $status $content_length "$referer" "$user_agent" $request_count "$router_name" "$server_url" \${duration}ms`,
    ],
    fields: {
      remote_addr: { kind: "address" },
      remote_user: { kind: "text" },
      time_local: { kind: "time_local", column: "created_at" },
      request: { kind: "request", column: "request_path" },
      status: { kind: "number" },
      content_length: { kind: "number" },
      referer: { kind: "text" },
      user_agent: { kind: "text" },
      request_count: { kind: "number" },
      router_name: { kind: "text" },
      server_url: { kind: "text" },
      duration: { kind: "number", column: "response_time", unit: "ms" },
    },
    source: "https://doc.traefik.io/traefik/observability/access-logs/",
  },
  {
    name: "haproxy",
    title: "HAProxy: httplog",
    table: "access_logs",
    kind: "text",
    formats: ["", " {$captured_request_headers} {$captured_response_headers}", " {$captured_headers}"].map(
      (captures) =>
        `$client_ip:$client_port [$accept_date] $frontend $backend/$server $time_request/$time_queue/$time_connect/$time_response/$time_active $status $bytes_read $captured_request_cookie $captured_response_cookie $termination_state $actconn/$feconn/$beconn/$srv_conn/$retries $srv_queue/$backend_queue${captures} "$request"`,
    ),
    fields: {
      client_ip: { kind: "address" },
      client_port: { kind: "number" },
      accept_date: { kind: "time_millis", column: "created_at" },
      frontend: { kind: "name" },
      backend: { kind: "name" },
      server: { kind: "name" },
      time_request: { kind: "number" },
      time_queue: { kind: "number" },
      time_connect: { kind: "number" },
      time_response: { kind: "number" },
      time_active: { kind: "number", column: "response_time", unit: "ms" },
      status: { kind: "number" },
      bytes_read: { kind: "number" },
      actconn: { kind: "number" },
      feconn: { kind: "number" },
      beconn: { kind: "number" },
      srv_conn: { kind: "number" },
      retries: { kind: "number" },
      srv_queue: { kind: "number" },
      backend_queue: { kind: "number" },
      captured_headers: { kind: "text" },
      captured_request_headers: { kind: "text" },
      captured_response_headers: { kind: "text" },
      request: { kind: "request", column: "request_path" },
    },
    prefix: /^(?:[^"[]{0,200} )?[\w.-]{1,64}\[\d{1,10}\]: /,
    source: "https://docs.haproxy.org/3.0/configuration.html#8.2.3",
  },
  {
    name: "envoy",
    title: "Envoy",
    table: "access_logs",
    kind: "text",
    formats: [
      `[$start_time] "$request" $status $response_flags $bytes_received $bytes_sent $duration $upstream_service_time "$x_forwarded_for" "$user_agent" "$request_id" "$authority" "$upstream_host"`,
    ],
    fields: { ...ENVOY_FIELDS, x_forwarded_for: { kind: "text", column: "ip_address" } },
    source:
      "https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#default-format-string",
  },
  {
    name: "istio",
    title: "Istio",
    table: "access_logs",
    kind: "text",
    formats: [
      `[$start_time] "$request" $status $response_flags $response_code_details $connection_termination_details "$upstream_failure" $bytes_received $bytes_sent $duration $upstream_service_time "$x_forwarded_for" "$user_agent" "$request_id" "$authority" "$upstream_host" $upstream_cluster $upstream_local_address $downstream_local_address $downstream_remote_address $requested_server_name $route_name`,
    ],
    fields: {
      ...ENVOY_FIELDS,
      x_forwarded_for: { kind: "text" },
      downstream_remote_address: { kind: "word", column: "ip_address" },
    },
    source: "https://istio.io/latest/docs/tasks/observability/logs/access-log/#default-access-log-format",
  },
  {
    name: "aws-alb",
    title: "AWS Application Load Balancer",
    table: "access_logs",
    kind: "text",
    formats: [
      "",
      " $conn_trace_id",
      ` $conn_trace_id "$transformed_host" "$transformed_uri" "$request_transform_status"`,
    ].map(
      (end) =>
        `$type $time $elb $client_ip:$client_port $target $request_processing_time $target_processing_time $response_processing_time $elb_status_code $target_status_code $received_bytes $sent_bytes "$request" "$user_agent" $ssl_cipher $ssl_protocol $target_group_arn "$trace_id" "$domain_name" "$chosen_cert_arn" $matched_rule_priority $request_creation_time "$actions_executed" "$redirect_url" "$error_reason" "$target_port_list" "$target_status_code_list" "$classification" "$classification_reason"${end}`,
    ),
    fields: {
      time: { kind: "word", column: "created_at" },
      client_ip: { kind: "address" },
      client_port: { kind: "number" },
      request_processing_time: { kind: "decimal" },
      target_processing_time: { kind: "decimal", column: "response_time", unit: "s" },
      response_processing_time: { kind: "decimal" },
      elb_status_code: { kind: "number", column: "status_code" },
      received_bytes: { kind: "number" },
      sent_bytes: { kind: "number" },
      request: { kind: "request_url", column: "request_path" },
      user_agent: { kind: "text" },
      trace_id: { kind: "text" },
      domain_name: { kind: "text" },
      chosen_cert_arn: { kind: "text" },
      actions_executed: { kind: "text" },
      redirect_url: { kind: "text" },
      error_reason: { kind: "text" },
      target_port_list: { kind: "text" },
      target_status_code_list: { kind: "text" },
      classification: { kind: "text" },
      classification_reason: { kind: "text" },
      transformed_host: { kind: "text" },
      transformed_uri: { kind: "text" },
      request_transform_status: { kind: "text" },
    },
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
  },
  {
    name: "w3c",
    title: "W3C: IIS, CloudFront",
    table: "access_logs",
    kind: "w3c",
    source: "https://www.w3.org/TR/WD-logfile.html",
  },
  {
    name: "nginx-json",
    title: "nginx: JSON",
    table: "access_logs",
    kind: "fields",
    map: PAIRS(
      "ip_address=remote_addr|client_ip|clientip|client|ip",
      "created_at=time_iso8601|time_local|@timestamp|timestamp|time|msec",
      "request_method=request_method|method",
      "request_path=request_uri|uri|url|path",
      "status_code=status|response",
      "response_time=request_time|responsetime:s",
      "user_id=remote_user",
      "referer=http_referrer|http_referer|referer|referrer",
      "user_agent=http_user_agent|user_agent|agent",
    ),
    source: "https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format",
  },
  {
    name: "caddy",
    title: "Caddy",
    table: "access_logs",
    kind: "fields",
    map: PAIRS(
      "created_at=ts:s",
      "ip_address=request.client_ip|request.remote_ip|request.remote_addr",
      "request_method=request.method",
      "request_path=request.uri",
      "status_code=status",
      "response_time=duration:s",
      "user_id=user_id",
      "referer=request.headers.Referer.0",
      "user_agent=request.headers.User-Agent.0",
    ),
    source: "https://caddyserver.com/docs/logging",
  },
  {
    name: "traefik-json",
    title: "Traefik: JSON",
    table: "access_logs",
    kind: "fields",
    map: PAIRS(
      "created_at=StartUTC|StartLocal|time",
      "ip_address=ClientHost|ClientAddr",
      "user_id=ClientUsername",
      "request_method=RequestMethod",
      "request_path=RequestPath",
      "status_code=DownstreamStatus",
      "response_time=Duration:ns",
      "referer=request_Referer",
      "user_agent=request_User-Agent",
    ),
    source: "https://doc.traefik.io/traefik/observability/access-logs/",
  },
  {
    name: "cloudflare",
    title: "Cloudflare Logpush",
    table: "access_logs",
    kind: "fields",
    map: PAIRS(
      "created_at=EdgeStartTimestamp",
      "ip_address=ClientIP",
      "request_method=ClientRequestMethod",
      "request_path=ClientRequestURI|ClientRequestPath",
      "status_code=EdgeResponseStatus",
      "response_time=EdgeTimeToFirstByteMs:ms",
      "referer=ClientRequestReferer",
      "user_agent=ClientRequestUserAgent",
      "country=ClientCountry",
      "region=ClientRegionCode",
      "city=ClientCity",
    ),
    source: "https://developers.cloudflare.com/logs/reference/log-fields/zone/http_requests/",
  },
  {
    name: "aliyun-sls",
    title: "Aliyun SLS",
    table: "access_logs",
    kind: "fields",
    map: PAIRS(
      "created_at=time_iso8601|time_local|time|__time__",
      "ip_address=client_ip|remote_addr|real_client_ip|http_x_real_ip",
      "user_id=remote_user",
      "request_method=request_method|method",
      "request_path=request_uri|uri|url",
      "status_code=status",
      "response_time=request_time:s",
      "referer=http_referer",
      "user_agent=http_user_agent|user_agent",
    ),
    source: "https://www.alibabacloud.com/help/en/sls/alb",
  },
  {
    name: "ecs",
    title: "Elastic Common Schema",
    table: "access_logs",
    kind: "fields",
    map: PAIRS(
      "created_at=@timestamp",
      "ip_address=client.ip|source.ip|source.address|client.address",
      "user_id=user.name|user.id",
      "request_method=http.request.method",
      "request_path=url.original|url.path|url.full",
      "status_code=http.response.status_code",
      "response_time=event.duration:ns",
      "referer=http.request.referrer",
      "user_agent=user_agent.original",
      "country=source.geo.country_name|client.geo.country_name|source.geo.country_iso_code",
      "region=source.geo.region_name|client.geo.region_name",
      "city=source.geo.city_name|client.geo.city_name",
    ),
    source: "https://www.elastic.co/guide/en/ecs/current/ecs-http.html",
  },
  {
    name: "opentelemetry",
    title: "OpenTelemetry HTTP",
    table: "access_logs",
    kind: "fields",
    map: PAIRS(
      "created_at=timestamp|Timestamp|time|Time|start_time|startTime",
      `ip_address=${attributes("client.address", "network.peer.address", "http.client_ip", "net.sock.peer.addr")}`,
      `request_method=${attributes("http.request.method", "http.method")}`,
      `request_path=${attributes("url.path", "http.target", "url.full", "http.url")}`,
      `status_code=${attributes("http.response.status_code", "http.status_code")}`,
      `response_time=${attributes("http.server.request.duration")}:s`,
      `user_id=${attributes("user.id", "enduser.id")}`,
      `user_agent=${attributes("user_agent.original", "http.user_agent")}`,
      `session_id=${attributes("session.id")}`,
    ),
    source: "https://opentelemetry.io/docs/specs/semconv/http/http-spans/",
  },
  {
    name: "github-events",
    title: "GitHub events",
    table: "user_activities",
    kind: "fields",
    map: PAIRS(
      "id=id",
      "created_at=created_at",
      "user_id=actor.login",
      "action=type",
      "resource_type='repository'",
      "resource_id=repo.name",
      "details=payload",
    ),
    source: "https://docs.github.com/en/rest/using-the-rest-api/github-event-types",
  },
  {
    name: "cloudtrail",
    title: "AWS CloudTrail",
    table: "user_activities",
    kind: "fields",
    map: PAIRS(
      "id=eventID",
      "created_at=eventTime",
      "user_id=userIdentity.userName|userIdentity.sessionContext.sessionIssuer.userName|userIdentity.arn|userIdentity.principalId|userIdentity.invokedBy|userIdentity.type",
      "action=eventName",
      "resource_type=eventSource",
      "resource_id=resources.0.ARN",
      "details=requestParameters",
      "ip_address=sourceIPAddress",
      "user_agent=userAgent",
    ),
    source:
      "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
  },
  {
    name: "docker",
    title: "Docker json-file",
    table: "access_logs",
    kind: "wrapper",
    record: { line: ["log"], time: ["time"] },
    source: "https://docs.docker.com/engine/logging/drivers/json-file/",
  },
  {
    name: "containerd",
    title: "containerd, CRI-O",
    table: "access_logs",
    kind: "wrapper",
    record: /^(?<time>\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) (?<stream>stdout|stderr) [FP] (?<line>.*)$/s,
    source: "https://kubernetes.io/docs/concepts/cluster-administration/logging/",
  },
  {
    name: "fluent-bit",
    title: "Fluent Bit",
    table: "access_logs",
    kind: "wrapper",
    record: { line: ["log", "message"], time: ["time", "date", "@timestamp", "timestamp"] },
    source: "https://docs.fluentbit.io/manual/pipeline/outputs/http",
  },
  {
    name: "filebeat",
    title: "Filebeat",
    table: "access_logs",
    kind: "wrapper",
    record: { line: ["message", "event.original"], time: ["@timestamp"] },
    source: "https://www.elastic.co/guide/en/beats/filebeat/current/filebeat-input-filestream.html",
  },
  {
    name: SYSLOG,
    title: "Syslog",
    table: "access_logs",
    kind: "wrapper",
    record: "syslog",
    source: "https://www.rfc-editor.org/rfc/rfc5424",
  },
];

/** The paths of OpenTelemetry attributes, which exporters write flat or as a member. */
function attributes(...names: readonly string[]): string {
  return names.flatMap((name) => [name, `attributes.${name}`, `Attributes.${name}`]).join("|");
}
