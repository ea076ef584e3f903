import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logTables } from "@/server/catalog";
import { AppError } from "@/server/lib/errors";
import { makeNormaliser } from "../events/normalise";
import { compileMapping } from "./mapping";

const RUNS = Number(process.env.LOG_FORMAT_RUNS ?? 150);
const table = logTables.access_logs;
const normalise = makeNormaliser(table, "UTC");

type Row = Record<string, unknown>;

/** For many runs, and busy machines. */
const TIMEOUT_MS = 60_000 + RUNS * 20;

/** The row that `line` becomes, or the code of the error. */
function rowOf(format: string, line: string): Row | string {
  const { reads } = compileMapping(format, table);
  if (reads.kind !== "lines") throw new Error("not a text format");
  const parsed = reads.parse(line);
  if ("error" in parsed) return parsed.error.code;
  const { row } = normalise(parsed.event, "2026-11-30T00:00:00.000000Z");
  const values = table.columns.map(({ name, type }, index) => {
    const value = row[index] ?? null;
    return [name, type === "jsonb" && value !== null ? JSON.parse(value) : value];
  });
  return Object.fromEntries(values);
}

type Escaping = "default" | "json" | "none";

/** ngx_http_log_escape, ngx_http_log_json_variable and ngx_http_log_unescaped_variable. */
function nginxWrites(value: string | null, escaping: Escaping): string {
  if (value === null) return escaping === "default" ? "-" : "";
  if (escaping === "none") return value;
  if (escaping === "json") {
    const short: Record<string, string> = {
      "\n": "n",
      "\r": "r",
      "\t": "t",
      "\b": "b",
      "\f": "f",
      '"': '"',
      "\\": "\\",
    };
    return [...value]
      .map((character) => {
        if (short[character] !== undefined) return `\\${short[character]}`;
        const code = character.charCodeAt(0);
        return code < 32 ? `\\u00${code.toString(16).toUpperCase().padStart(2, "0")}` : character;
      })
      .join("");
  }
  return [...Buffer.from(value)]
    .map((byte) =>
      byte < 32 || byte > 126 || byte === 34 || byte === 92
        ? `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`
        : String.fromCharCode(byte),
    )
    .join("");
}

/** ap_escape_logitem. */
function apacheWrites(value: string | null): string {
  if (value === null || value === "") return "-";
  const short: Record<number, string> = { 8: "b", 9: "t", 10: "n", 11: "v", 13: "r", 34: '"', 92: "\\" };
  return [...Buffer.from(value)]
    .map((byte) => {
      if (short[byte] !== undefined) return `\\${short[byte]}`;
      return byte < 32 || byte > 126 ? `\\x${byte.toString(16).padStart(2, "0")}` : String.fromCharCode(byte);
    })
    .join("");
}

const anyText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom(" ", "-", "|", '"', "\\", "[", "]", ":", "x41", "\t", "\n", "1", ".", ",", "案", "/"),
  }),
  fc.constantFrom("Mozilla/5.0 (X11; Linux x86_64) Gecko", "-", "\\x22", 'a" 200 "b', "1.2.3.4 - x"),
);
/** Text that PostgreSQL can store; a value of "-" or "" is not distinguished from none. */
const text = fc.oneof(
  fc.constant(null),
  anyText.map((value) =>
    value.replaceAll("\0", "").toWellFormed() === "-" ? null : value.replaceAll("\0", "").toWellFormed() || null,
  ),
);
const address = fc
  .oneof(
    fc.ipV4(),
    fc.ipV6().filter((ip) => !ip.includes(".")),
  )
  .map((ip) => ip);
const seconds = fc.integer({ min: 978_307_200, max: 1_893_456_000 });
const wordOf = (unit: string) => fc.string({ unit: fc.constantFrom(...unit), minLength: 1, maxLength: 12 });

interface Variable {
  name: string;
  kind: "text" | "typed";
  arbitrary: fc.Arbitrary<{ written: string | null; expected: Row; extra?: unknown }>;
}

const typed = (name: string, arbitrary: Variable["arbitrary"]): Variable => ({ name, kind: "typed", arbitrary });
const inExtra = (arbitrary: fc.Arbitrary<string | null>) =>
  arbitrary.map((written) => ({
    written,
    expected: {},
    extra: written !== null && /^-?\d{1,15}(\.\d{1,15})?$/.test(written) ? Number(written) : written,
  }));
const textIn = (name: string, column: string | null): Variable => ({
  name,
  kind: "text",
  arbitrary: text.map((written) =>
    column === null ? { written, expected: {}, extra: written } : { written, expected: { [column]: written } },
  ),
});
const two = (n: number) => String(n).padStart(2, "0");

const TIMES: Variable[] = [
  typed(
    "time_local",
    seconds.map((at) => {
      const d = new Date(at * 1000);
      const month = d.toUTCString().slice(8, 11);
      const clock = d.toISOString().slice(11, 19);
      const written = `${two(d.getUTCDate())}/${month}/${d.getUTCFullYear()}:${clock} +0000`;
      return { written, expected: { created_at: `${d.toISOString().slice(0, 19)}.000000Z` } };
    }),
  ),
  typed(
    "time_iso8601",
    seconds.map((at) => {
      const iso = new Date(at * 1000).toISOString().slice(0, 19);
      return { written: `${iso}+00:00`, expected: { created_at: `${iso}.000000Z` } };
    }),
  ),
  typed(
    "msec",
    fc.tuple(seconds, fc.integer({ min: 0, max: 999 })).map(([at, ms]) => ({
      written: `${at}.${String(ms).padStart(3, "0")}`,
      expected: { created_at: `${new Date(at * 1000).toISOString().slice(0, 19)}.${String(ms).padStart(3, "0")}000Z` },
    })),
  ),
];
const PATHS: Variable[] = [
  typed(
    "request",
    fc
      .tuple(fc.constantFrom("GET", "POST", "M-SEARCH"), anyText, fc.constantFrom("HTTP/1.1", "HTTP/2.0"))
      .map(([method, path, protocol]) => {
        const uri = `/${path.replaceAll("\0", "").toWellFormed()}`;
        return {
          written: `${method} ${uri} ${protocol}`,
          expected: { request_method: method, request_path: uri },
          extra: { protocol },
        };
      }),
  ),
  {
    name: "request_uri",
    kind: "text",
    arbitrary: text.map((path) => ({ written: `/${path ?? ""}`, expected: { request_path: `/${path ?? ""}` } })),
  },
];
const OTHERS: Variable[] = [
  textIn("remote_user", "user_id"),
  textIn("http_referer", "referer"),
  textIn("http_user_agent", "user_agent"),
  textIn("http_x_forwarded_for", null),
  textIn("cookie_theme", null),
  textIn("upstream_addr", null),
  typed(
    "status",
    fc.integer({ min: 100, max: 599 }).map((n) => ({ written: String(n), expected: { status_code: String(n) } })),
  ),
  typed(
    "request_time",
    fc.integer({ min: 0, max: 9_999_999 }).map((ms) => ({
      written: (ms / 1000).toFixed(3),
      expected: { response_time: String(ms) },
    })),
  ),
  typed("body_bytes_sent", inExtra(fc.nat().map(String))),
  typed("request_length", inExtra(fc.nat().map(String))),
  typed("host", inExtra(wordOf("abz019.-").filter((word) => word !== "-" && !/^-?\d/.test(word)))),
  typed("request_id", inExtra(fc.constantFrom("0123456789abcdef0123456789abcdef", "f".repeat(32)))),
  typed("pipe", inExtra(fc.constantFrom("p", "."))),
  typed("gzip_ratio", inExtra(fc.constantFrom(null, "2.50"))),
  typed("upstream_response_time", inExtra(fc.constantFrom(null, "0.004", "0.001, 0.020", "0.001, 0.002 : 0.003"))),
  typed("upstream_status", inExtra(fc.constantFrom(null, "200", "502, 200"))),
];

const logFormat = fc
  .tuple(
    fc.constantFrom(...TIMES),
    fc.constantFrom(...PATHS),
    fc.subarray(OTHERS, { minLength: 0 }),
    fc.constantFrom<Escaping>("default", "json", "none"),
    fc.constantFrom(" ", "\t", "|", " | ", ";", " - "),
    fc.infiniteStream(fc.nat()),
  )
  .chain(([time, path, others, escaping, separator, seed]) => {
    const ip = typed(
      "remote_addr",
      address.map((written) => ({ written, expected: { ip_address: written } })),
    );
    const variables = [ip, time, path, ...others];
    const order = variables.map((variable) => ({ variable, at: seed.next().value })).sort((a, b) => a.at - b.at);
    const styles = order.map(({ at, variable }) => {
      if (at % 3 === 0) return ["", ""] as const;
      if (at % 3 === 1 && variable.kind === "typed") return ["[", "]"] as const;
      return ['"', '"'] as const;
    });
    return fc.tuple(...order.map(({ variable }) => variable.arbitrary)).map((values) => ({
      escaping,
      pieces: order.map(({ variable }, index) => ({
        variable,
        style: styles[index] ?? ["", ""],
        value: values[index],
      })),
      separator,
    }));
  });

describe("an nginx log_format", () => {
  it(
    "becomes rows with the values that the server wrote, or no row if a line can be read in several ways",
    () => {
      let rows = 0;
      fc.assert(
        fc.property(logFormat, ({ escaping, pieces, separator }) => {
          const format = pieces
            .map(({ variable, style: [before, after] }) => `${before}$${variable.name}${after}`)
            .join(separator);
          const line = pieces
            .map(
              ({ style: [before, after], value }) =>
                `${before}${nginxWrites(value?.written ?? null, escaping)}${after}`,
            )
            .join(separator);
          const directive = `log_format  main escape=${escaping}\n  '${format.replaceAll("\t", "\\t")}';`;
          if (escaping === "none" && line.includes("\n")) return;
          const row = rowOf(directive, line);
          const isQuoted = pieces.every(({ variable, style }) => variable.kind === "typed" || style[0] === '"');
          if (typeof row === "string") {
            // Only text without quotes, or that is not escaped, can be read in several ways.
            expect({ format, line, row }).toMatchObject({ row: "event.ambiguous" });
            expect(isQuoted && escaping !== "none").toBe(false);
            return;
          }
          rows++;
          const expected = Object.assign({}, ...pieces.map(({ value }) => value?.expected ?? {}));
          const extra: Row = {};
          for (const { variable, value } of pieces) {
            if (variable.name === "request") Object.assign(extra, value?.extra);
            else if (value?.extra !== undefined && value.extra !== null) extra[variable.name] = value.extra;
          }
          expect(row).toMatchObject(expected);
          expect(row.extra ?? {}).toEqual(extra);
        }),
        { numRuns: RUNS },
      );
      expect(rows).toBeGreaterThan(RUNS / 3);
    },
    TIMEOUT_MS,
  );

  it("is accepted as a directive, as its quoted parts and alone", () => {
    const line = '203.0.113.7 - alice [30/Nov/2026:10:00:00 +0800] "GET /a HTTP/1.1" 200 0.012 "it\'s"';
    const formats = [
      `log_format timed '$remote_addr - $remote_user [$time_local] '\n '"$request" $status $request_time "$http_user_agent"';`,
      `'$remote_addr - $remote_user [$time_local] "$request" ' '$status $request_time "$http_user_agent"'`,
      `$remote_addr - $\{remote_user} [$time_local] "$request" $status $request_time "$http_user_agent"`,
      'log_format timed "$remote_addr - $remote_user [$time_local] \\"$request\\" $status $request_time \\"$http_user_agent\\"";',
    ];
    for (const format of formats) {
      expect(rowOf(format, line)).toMatchObject({
        ip_address: "203.0.113.7",
        user_id: "alice",
        created_at: "2026-11-30T02:00:00.000000Z",
        request_path: "/a",
        status_code: "200",
        response_time: "12",
        user_agent: "it's",
      });
    }
  });

  it("reads nginx's JSON formats, with numbers that have no value", () => {
    const format = `log_format j escape=json '{"t":"$msec","ip":"$remote_addr","uri":"$uri$is_args$args","rt":$upstream_response_time,"ua":"$http_user_agent"}';`;
    const line = '{"t":"1700000000.123","ip":"2001:db8::1","uri":"/a?b=1","rt":,"ua":"a \\"b\\" \\u0001"}';
    expect(rowOf(format, line)).toMatchObject({
      created_at: "2023-11-14T22:13:20.123000Z",
      request_path: "/a?b=1",
      user_agent: 'a "b" \u0001',
    });
  });

  it("keeps bytes that are not text as the server wrote them", () => {
    const line = '203.0.113.7 "\\x16\\x03\\x01\\x00\\xEE" "\\xE6\\xA1\\x88"';
    expect(rowOf('$remote_addr "$request" "$http_user_agent"', line)).toMatchObject({
      request_path: "\\x16\\x03\\x01\\x00\\xEE",
      user_agent: "案",
    });
  });
});

describe("an Apache LogFormat", () => {
  it(
    "becomes rows with the values that the server wrote",
    () => {
      const directive = String.raw`LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %{us}T %{X-Id}o" timed`;
      fc.assert(
        fc.property(address, text, text, text, anyText, fc.nat(9_999_999), (ip, user, referer, agent, path, us) => {
          const uri = `/${path.replaceAll("\0", "").toWellFormed()}`;
          const line = `${ip} - ${apacheWrites(user)} [30/Nov/2026:10:00:00 +0000] "${apacheWrites(`GET ${uri} HTTP/1.1`)}" 200 512 "${apacheWrites(referer)}" "${apacheWrites(agent)}" ${us} -`;
          expect(rowOf(directive, line)).toMatchObject({
            ip_address: ip,
            user_id: user,
            request_path: uri,
            referer,
            user_agent: agent,
            response_time: String(us === 0 ? 0 : Math.max(1, Math.round(us / 1000))),
            extra: { bytes_out: 512, protocol: "HTTP/1.1" },
          });
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it("is accepted alone, with a path and query without a separator", () => {
    expect(
      rowOf('%a %{%Y-%m-%d %H:%M:%S}t "%m %U%q" %s %D', '10.0.0.1 2026-11-30 10:00:00 "GET /a?b=c" 404 1500'),
    ).toMatchObject({
      created_at: "2026-11-30T10:00:00.000000Z",
      request_method: "GET",
      request_path: "/a?b=c",
      status_code: "404",
      response_time: "2",
    });
  });
});

describe("lines that real servers wrote", () => {
  const agent = 'quote " back\\slash 案号 \ttab';

  it("nginx 1.22", () => {
    const format = `log_format timed '$msec $remote_addr $remote_user [$time_iso8601] "$request_method" "$uri$is_args$args" $status $request_time $bytes_sent "$http_user_agent" $host $request_id';`;
    const lines = [
      '1796035522.784 127.0.0.1 alice [2026-11-30T10:45:22+00:00] "GET" "/index.html-" 200 0.000 237 "curl/7.88.1" 127.0.0.1 4c372a3fa88978e342f493838535fd49',
      '1796035522.832 127.0.0.1 - [2026-11-30T10:45:22+00:00] "-" "--" 400 0.001 309 "-"  ee114f4390e746bab90b894a39d432b7',
      '1796035523.180 127.0.0.1 - [2026-11-30T10:45:23+00:00] "GET" "/index.html?a=b%20c" 200 0.000 237 "curl/7.88.1" 127.0.0.1 43d90dbb996f4acead1aa51de3a6421f',
      String.raw`1796035523.283 127.0.0.1 - [2026-11-30T10:45:23+00:00] "GET" "/none-" 404 0.000 308 "quote \x22 back\x5Cslash \xE6\xA1\x88\xE5\x8F\xB7 \x09tab" 127.0.0.1 7429e14ad39320e7308ed49d6d258762`,
    ];
    expect(lines.map((line) => rowOf(format, line))).toMatchObject([
      { created_at: "2026-11-30T10:45:22.784000Z", user_id: "alice", request_path: "/index.html", response_time: "0" },
      { request_method: null, request_path: "-", status_code: "400", response_time: "1", user_agent: null },
      { request_path: "/index.html?a=b%20c", extra: { host: "127.0.0.1", bytes_sent: 237 } },
      { request_path: "/none", user_agent: agent },
    ]);
  });

  it("Apache 2.4", () => {
    const format = String.raw`LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D %{Host}i" timed`;
    const line = String.raw`127.0.0.1 - - [30/Nov/2026:10:45:47 +0000] "GET /none HTTP/1.1" 404 397 "https://example.com/\"x\"" "quote \" back\\slash \xe6\xa1\x88\xe5\x8f\xb7 \ttab" 151 127.0.0.1:18082`;
    expect(rowOf(format, line)).toMatchObject({
      request_path: "/none",
      referer: 'https://example.com/"x"',
      user_agent: agent,
      response_time: "1",
      extra: { bytes_out: 397, http_host: "127.0.0.1:18082" },
    });
  });

  it("HAProxy 2.6", () => {
    const lines = [
      '127.0.0.1:38760 [30/Nov/2026:10:45:23.175] web app/nginx1 0/0/0/15/15 200 200 - - ---- 1/1/0/0/0 0/0 {127.0.0.1:18083} "GET /index.html?a=b%20c HTTP/1.1"',
      '127.0.0.1:38808 [30/Nov/2026:10:45:23.436] web web/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"',
    ];
    expect(lines.map((line) => rowOf("haproxy", line))).toMatchObject([
      { request_path: "/index.html?a=b%20c", response_time: "15", extra: { captured_headers: "127.0.0.1:18083" } },
      { request_path: "<BADREQ>", request_method: "-", status_code: "400", extra: { termination_state: "PR--" } },
    ]);
  });
});

describe("a mapping that is not valid", () => {
  it.each([
    ["", "mapping.empty", undefined],
    ["$remote_addr $", "mapping.dollar", 13],
    ["$remote_addr ${status", "mapping.brace_open", 13],
    ["$remote_addr$request", "mapping.adjacent", 12],
    ["log_format a '$remote_addr' x '$request';", "mapping.not_quoted", 28],
    ["log_format a escape=xml '$remote_addr';", "mapping.escape", 13],
    ["log_format a '$remote_addr $request", "mapping.quote_open", 13],
    ["$status", "mapping.column_missing", undefined],
    ["hello world", "mapping.no_variables", undefined],
    ["%h %y %r", "mapping.directive", 3],
    ["no-such-preset", "mapping.not_found", undefined],
    ["ip_address=a,request_path", "mapping.pair", 13],
    ["ip_address=a,ip_address=b", "mapping.column_twice", 13],
    ["ip_address=a,colour=b", "mapping.column_unknown", 13],
    ["response_time=a:h", "mapping.unit", 16],
    ["request_path=a:s", "mapping.unit", 15],
    ["ip_address=,request_path=b", "mapping.path", 11],
    ["ip_address='x", "mapping.quote_open", 11],
  ])("names what is wrong in %j and where", (expression, code, position) => {
    try {
      compileMapping(expression, table);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({
        code,
        errors: [{ path: "map", code, ...(position !== undefined && { position }) }],
      });
    }
  });

  it("costs linear time on any line", () => {
    const { reads } = compileMapping("$remote_addr $http_a $http_b [$http_c] $request", table);
    if (reads.kind !== "lines") throw new Error("not a text format");
    for (const part of ["a ", "[] ", "1 [", "\\", '"']) {
      expect(reads.parse(`1.1.1.1 ${part.repeat(8_000)}`)).toHaveProperty("error");
    }
  });
});
