/** A line that a server wrote, or that its documentation shows, and a part of the row that it becomes. */
export interface PresetExample {
  readonly preset: string;
  /** The documentation that the text is from, if not that of the preset; "written by" a program. */
  readonly source?: string;
  readonly text: string;
  readonly row: Readonly<Record<string, unknown>>;
}

const COMBINED = '203.0.113.7 - - [30/Nov/2026:10:00:00 +0000] "GET /cases HTTP/1.1" 200 512 "-" "curl/8.5.0"';
const CADDY =
  '{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"127.0.0.1","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"/","headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"],"Accept-Encoding":["gzip, deflate, br"]},"tls":{"resumed":false,"version":772,"cipher_suite":4865,"proto":"h2","server_name":"example.com"}},"bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Server":["Caddy"],"Content-Encoding":["gzip"]}}';

export const PRESET_EXAMPLES: readonly PresetExample[] = [
  {
    preset: "nginx-main",
    source: "Tengine's nginx.conf, log_format main",
    text: `${COMBINED} "10.1.1.1, 10.2.2.2"`,
    row: {
      ip_address: "203.0.113.7",
      request_path: "/cases",
      user_agent: "curl/8.5.0",
      extra: { http_x_forwarded_for: "10.1.1.1, 10.2.2.2" },
    },
  },
  {
    preset: "traefik-clf",
    text: '10.42.0.1 - alice [30/Nov/2026:10:00:00 +0000] "GET /whoami HTTP/1.1" 200 349 "-" "curl/8.5.0" 17 "web@docker" "http://172.18.0.3:80" 3ms',
    row: {
      ip_address: "10.42.0.1",
      user_id: "alice",
      status_code: 200,
      response_time: 3,
      extra: { router_name: "web@docker" },
    },
  },
  {
    preset: "haproxy",
    text: 'Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"',
    row: {
      created_at: "2009-02-06T12:14:14.655000Z",
      ip_address: "10.0.1.2",
      request_method: "GET",
      request_path: "/index.html",
      status_code: 200,
      response_time: 109,
      extra: {
        backend: "static",
        server: "srv1",
        client_port: 33317,
        time_response: 69,
        captured_request_headers: "1wt.eu",
      },
    },
  },
  {
    preset: "haproxy",
    text: '<134>Nov 30 10:00:00 edge haproxy[7]: 2001:db8::7:51234 [30/Nov/2026:10:00:00.001] https~ app/<NOSRV> -1/-1/-1/-1/5 503 217 - - SC-- 1/1/0/0/0 0/0 "POST /api?a=b HTTP/2.0"',
    row: {
      ip_address: "2001:db8::7",
      status_code: 503,
      response_time: 5,
      extra: { frontend: "https~", server: "<NOSRV>" },
    },
  },
  {
    preset: "envoy",
    text: '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"',
    row: {
      created_at: "2016-04-15T20:17:00.310000Z",
      ip_address: "10.0.35.28",
      request_method: "POST",
      request_path: "/api/v1/locations",
      status_code: 204,
      response_time: 226,
      user_agent: "nsq2http",
      extra: { upstream_host: "tcp://10.0.2.1:80", bytes_received: 154 },
    },
  },
  {
    preset: "istio",
    text: '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default',
    row: {
      ip_address: "10.44.1.23",
      request_path: "/status/418",
      status_code: 418,
      response_time: 3,
      extra: { client_port: "37652", route_name: "default" },
    },
  },
  {
    preset: "aws-alb",
    text: 'https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/a?b=1 HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90',
    row: {
      created_at: "2018-07-02T22:23:00.186641Z",
      ip_address: "192.168.131.39",
      request_path: "/a?b=1",
      status_code: 200,
      response_time: 48,
      user_agent: "curl/7.46.0",
      extra: { vhost: "www.example.com:443", domain_name: "www.example.com", conn_trace_id: "TID_1234abcd5678ef90" },
    },
  },
  {
    preset: "aws-alb",
    text: 'http 2018-11-30T22:22:48.364000Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 -1 -1 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "waf,forward" "-" "LambdaInvalidResponse" "-" "-" "-" "-"',
    row: { request_path: "/", status_code: 502, response_time: null, extra: { error_reason: "LambdaInvalidResponse" } },
  },
  {
    preset: "w3c",
    source: "https://learn.microsoft.com/en-us/windows/win32/http/iis-logging",
    text: "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-11-30 10:00:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n2026-11-30 10:00:01 10.0.0.5 GET /default.aspx id=7 443 CORP\\alice 203.0.113.7 Mozilla/5.0+(Windows+NT+10.0) https://example.com/ 200 0 0 46",
    row: {
      created_at: "2026-11-30T10:00:01.000000Z",
      ip_address: "203.0.113.7",
      user_id: "CORP\\alice",
      request_path: "/default.aspx?id=7",
      response_time: 46,
      user_agent: "Mozilla/5.0 (Windows NT 10.0)",
      extra: { "s-ip": "10.0.0.5", "sc-substatus": "0" },
    },
  },
  {
    preset: "w3c",
    source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html",
    text: "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken\n2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows%20NT%2010.0)\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\td111111abcdef8.cloudfront.net\thttps\t23\t0.012",
    row: {
      created_at: "2019-12-04T21:02:31.000000Z",
      response_time: 12,
      user_agent: "Mozilla/5.0 (Windows NT 10.0)",
      extra: { "x-edge-location": "LAX1" },
    },
  },
  {
    preset: "nginx-json",
    text: '{"time":"2026-11-30T10:00:00+00:00","client":"203.0.113.7","method":"GET","uri":"/a?b=1","response":200,"responsetime":0.012,"agent":"curl/8.5.0","bytes":512}',
    row: {
      ip_address: "203.0.113.7",
      status_code: 200,
      response_time: 12,
      user_agent: "curl/8.5.0",
      extra: { bytes: 512 },
    },
  },
  {
    preset: "caddy",
    text: CADDY,
    row: {
      created_at: "2022-03-09T21:30:01.524102Z",
      ip_address: "127.0.0.1",
      request_method: "GET",
      request_path: "/",
      status_code: 200,
      response_time: 1,
      user_agent: "curl/7.82.0",
      extra: { size: 10900, request: { host: "localhost", proto: "HTTP/2.0" } },
    },
  },
  {
    preset: "traefik-json",
    text: '{"ClientAddr":"10.42.0.1:54321","ClientHost":"10.42.0.1","ClientPort":"54321","ClientUsername":"-","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":61294000,"GzipRatio":0,"OriginStatus":0,"Overhead":61294,"RequestAddr":"example.com","RequestContentSize":0,"RequestCount":1,"RequestHost":"example.com","RequestMethod":"GET","RequestPath":"/a","RequestPort":"-","RequestProtocol":"HTTP/1.1","RequestScheme":"http","RetryAttempts":0,"StartLocal":"2026-11-30T10:00:00.123456789Z","StartUTC":"2026-11-30T10:00:00.123456789Z","entryPointName":"web","level":"info","msg":"","time":"2026-11-30T10:00:00Z","request_User-Agent":"curl/8.5.0"}',
    row: {
      created_at: "2026-11-30T10:00:00.123456Z",
      user_id: null,
      status_code: 404,
      response_time: 61,
      user_agent: "curl/8.5.0",
      extra: { RequestHost: "example.com" },
    },
  },
  {
    preset: "cloudflare",
    text: '{"ClientIP":"203.0.113.7","ClientRequestHost":"example.com","ClientRequestMethod":"GET","ClientRequestURI":"/a?b=1","EdgeEndTimestamp":1700000000500000000,"EdgeResponseBytes":4600,"EdgeResponseStatus":200,"EdgeStartTimestamp":1700000000123456789,"EdgeTimeToFirstByteMs":31,"RayID":"3a6050bcbe121a87","ClientRequestUserAgent":"curl/8.5.0","ClientCountry":"us"}',
    row: {
      created_at: "2023-11-14T22:13:20.123456Z",
      request_path: "/a?b=1",
      response_time: 31,
      country: "us",
      extra: { RayID: "3a6050bcbe121a87" },
    },
  },
  {
    preset: "aliyun-sls",
    text: '{"__topic__":"alb_layer7_access_log","__time__":"1700000000","client_ip":"203.0.113.7","request_method":"GET","request_uri":"/a","status":"200","request_time":"0.012","http_user_agent":"curl/8.5.0","http_referer":"-","time":"2023-11-14T22:13:20+00:00","app_lb_id":"alb-1"}',
    row: {
      created_at: "2023-11-14T22:13:20.000000Z",
      ip_address: "203.0.113.7",
      response_time: 12,
      referer: null,
      extra: { app_lb_id: "alb-1" },
    },
  },
  {
    preset: "ecs",
    text: '{"@timestamp":"2026-11-30T10:00:00.000Z","source":{"address":"203.0.113.7","ip":"203.0.113.7","geo":{"country_name":"China","city_name":"Beijing"}},"http":{"request":{"method":"GET","referrer":"https://example.com/"},"response":{"status_code":200,"body":{"bytes":512}}},"url":{"original":"/a?b=1","path":"/a"},"user_agent":{"original":"curl/8.5.0"},"event":{"duration":12000000},"user":{"name":"alice"},"ecs":{"version":"8.0.0"}}',
    row: {
      ip_address: "203.0.113.7",
      user_id: "alice",
      request_path: "/a?b=1",
      response_time: 12,
      country: "China",
      city: "Beijing",
      extra: { ecs: { version: "8.0.0" } },
    },
  },
  {
    preset: "opentelemetry",
    text: '{"timestamp":"2026-11-30T10:00:00Z","name":"GET /a","attributes":{"http.request.method":"GET","url.path":"/a","http.response.status_code":500,"client.address":"203.0.113.7","user_agent.original":"curl/8.5.0","http.route":"/a","server.address":"example.com","http.server.request.duration":0.25}}',
    row: {
      ip_address: "203.0.113.7",
      request_method: "GET",
      status_code: 500,
      response_time: 250,
      extra: { attributes: { "http.route": "/a", "server.address": "example.com" } },
    },
  },
  {
    preset: "github-events",
    text: '{"id":"22249084964","type":"PushEvent","actor":{"id":583231,"login":"octocat","display_login":"octocat","url":"https://api.github.com/users/octocat"},"repo":{"id":1296269,"name":"octocat/Hello-World"},"payload":{"push_id":10115855396,"size":1,"ref":"refs/heads/master"},"public":true,"created_at":"2022-06-09T12:47:28Z"}',
    row: {
      created_at: "2022-06-09T12:47:28.000000Z",
      user_id: "octocat",
      action: "PushEvent",
      resource_type: "repository",
      resource_id: "octocat/Hello-World",
      details: { size: 1 },
    },
  },
  {
    preset: "cloudtrail",
    text: '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"EXAMPLE6E4XEGITWATV6R","arn":"arn:aws:iam::777788889999:user/Mary_Major","accountId":"777788889999","userName":"Mary_Major"},"eventTime":"2023-07-19T21:17:28Z","eventSource":"ec2.amazonaws.com","eventName":"StartInstances","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.0","userAgent":"aws-cli/2.13.5","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-EXAMPLE56126103cb"}]}},"requestID":"e4336db0-149f-4a6b-844d-EXAMPLEb9d16","eventID":"7e4f5a2c-1b3d-4c5e-8f90-123456789abc","readOnly":false}',
    row: {
      id: "7e4f5a2c-1b3d-4c5e-8f90-123456789abc",
      user_id: "Mary_Major",
      action: "StartInstances",
      resource_type: "ec2.amazonaws.com",
      ip_address: "192.0.2.0",
      details: { instancesSet: { items: [{ instanceId: "i-EXAMPLE56126103cb" }] } },
      extra: { awsRegion: "us-east-1" },
    },
  },
  {
    preset: "docker",
    text: `{"log":${JSON.stringify(`${COMBINED}\n`)},"stream":"stdout","time":"2026-11-30T10:00:00.5Z"}`,
    row: {
      created_at: "2026-11-30T10:00:00.000000Z",
      request_path: "/cases",
      extra: { stream: "stdout", bytes_sent: 512 },
    },
  },
  {
    preset: "containerd",
    text: `2026-11-30T10:00:00.123456789Z stdout F ${CADDY}`,
    row: { ip_address: "127.0.0.1", status_code: 200, extra: { stream: "stdout" } },
  },
  {
    preset: "fluent-bit",
    text: `{"date":1700000000.5,"log":${JSON.stringify(COMBINED)},"kubernetes":{"pod_name":"web-1"}}`,
    row: { request_path: "/cases", extra: { kubernetes: { pod_name: "web-1" } } },
  },
  {
    preset: "filebeat",
    text: `{"@timestamp":"2026-11-30T10:00:03.000Z","message":${JSON.stringify(COMBINED)},"log":{"file":{"path":"/var/log/nginx/access.log"},"offset":2716},"agent":{"type":"filebeat"}}`,
    row: { created_at: "2026-11-30T10:00:00.000000Z", request_path: "/cases", extra: { agent: { type: "filebeat" } } },
  },
  {
    preset: "syslog",
    source: "RFC 5424, 6.5, with another message",
    text: '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - {"ip":"203.0.113.8","path":"/b","status":404}',
    row: {
      created_at: "2003-08-24T12:14:15.000003Z",
      ip_address: "203.0.113.8",
      request_path: "/b",
      status_code: 404,
      extra: { syslog: { facility: "local4", severity: "notice", host: "192.0.2.1", app: "myproc", procid: "8710" } },
    },
  },
];
