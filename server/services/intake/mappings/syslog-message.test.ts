import fc from "fast-check";
import { expect, test } from "vitest";
import { logTables } from "@/server/catalog";
import { compileMapping } from "./mapping";
import { parseSyslog } from "./syslog-message";

const NOW = Date.UTC(2026, 10, 30, 12);
const parse = (text: string) => parseSyslog(text, NOW);

test("RFC 5424: header, structured data with escapes, and a text with a byte order mark", () => {
  const text =
    String.raw`<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [ex@32473 iut="3" note="a \"b\" \\ \] c"][origin ip="10.0.0.1" ip="10.0.0.2"] ` +
    "\ufeffAn event 事件";
  expect(parse(text)).toEqual({
    header: {
      facility: "local4",
      severity: "notice",
      time: "2003-10-11T22:14:15.003Z",
      host: "mymachine.example.com",
      app: "evntslog",
      msgid: "ID47",
      data: { "ex@32473": { iut: "3", note: 'a "b" \\ ] c' }, origin: { ip: ["10.0.0.1", "10.0.0.2"] } },
    },
    text: "An event 事件",
  });
  expect(parse("<34>1 - - - - - -")).toEqual({ header: { facility: "auth", severity: "crit" }, text: "" });
});

test.each([
  [
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
    { time: "2026-10-11T22:14:15", host: "mymachine", app: "su" },
    "'su root' failed",
  ],
  [
    "<13>Nov  3 08:00:00 web-1 nginx[77]: text",
    { time: "2026-11-03T08:00:00", host: "web-1", app: "nginx", procid: "77" },
    "text",
  ],
  ["<13>Dec 31 23:59:59 web-1 app: text", { time: "2025-12-31T23:59:59", host: "web-1", app: "app" }, "text"],
  ["<13>Nov 30 2024 10:00:00 fw : text", { time: "2024-11-30T10:00:00", host: "fw" }, ": text"],
  [
    "<13>2026-11-30T10:00:00.123456+08:00 web-1 app[1]: text",
    { time: "2026-11-30T10:00:00.123456+08:00", host: "web-1", app: "app", procid: "1" },
    "text",
  ],
  ["<13>Nov 30 10:00:00 app: no host", { time: "2026-11-30T10:00:00", app: "app" }, "no host"],
  ["<13>app[5]: no time", { app: "app", procid: "5" }, "no time"],
  ["<13>no header: at all", {}, "no header: at all"],
])("RFC 3164 and its variants: %s", (message, header, text) => {
  const { facility: _, severity: __, ...rest } = parse(message).header;
  expect([rest, parse(message).text]).toEqual([header, text]);
});

test("malformed headers are part of the text", () => {
  for (const text of ["<999>text", "<13", "text", "<13>1 yesterday a b c d - text", '<13>1 - h a p m [x y="1" text'])
    expect(parse(text).text).toContain(text.replace(/^<\d\d>/, "").slice(-4));
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => parse(`<13>1 - - - - - [a b="${text}`).text.length >= 0),
  );
});

test("a hostile message of 256 KB is parsed in linear time", () => {
  for (const part of ["[", '[a b="', "\\", '"', "[a ", "x[1]:", '[a b="1" ']) {
    const hostile = part.repeat((256 * 1024) / part.length);
    // Quadratic time would exceed the test's limit.
    expect(parse(`<13>1 - - - - - [a b="${hostile}`).header.facility).toBe("user");
    expect(parse(`<13>Nov 30 10:00:00 ${hostile}`).header.facility).toBe("user");
  }
});

const eventOf = (expression: string, table: "access_logs" | "user_activities", text: string) => {
  const { reads } = compileMapping(expression, logTables[table]);
  const parsed = reads.kind === "lines" ? reads.parse(text) : undefined;
  return parsed && "event" in parsed ? parsed.event : parsed;
};

const HEAD = "<134>1 2026-11-30T10:00:00.123456Z web-1 nginx 7 - - ";
const SYSLOG = { facility: "local0", severity: "info", host: "web-1", app: "nginx", procid: "7" };

test("the text of a message is read as JSON, as an access log line, or by a mapping", () => {
  expect(eventOf("syslog", "access_logs", `${HEAD}@cee: {"ip":"203.0.113.7","path":"/a","k":1}`)).toEqual({
    ip: "203.0.113.7",
    path: "/a",
    k: 1,
    created_at: "2026-11-30T10:00:00.123456Z",
    extra: { syslog: SYSLOG },
  });
  const line = '203.0.113.7 - - [30/Nov/2026:09:59:59 +0000] "GET /a HTTP/1.1" 200 1 "-" "curl"';
  expect(eventOf("syslog", "access_logs", HEAD + line)).toMatchObject({
    ip_address: "203.0.113.7",
    request_path: "/a",
    extra: { syslog: SYSLOG },
  });
  expect(eventOf("syslog:$remote_addr $request_uri", "access_logs", `${HEAD}203.0.113.7 /b`)).toMatchObject({
    ip_address: "203.0.113.7",
    request_path: "/b",
    created_at: "2026-11-30T10:00:00.123456Z",
  });
  expect(eventOf("syslog:user_id=syslog.host,action=message", "user_activities", `${HEAD}restarted`)).toMatchObject({
    user_id: "web-1",
    action: "restarted",
    syslog: { app: "nginx" },
  });
});

test("other text is an activity of the host, with the text in its details", () => {
  expect(eventOf("syslog", "user_activities", `${HEAD}worker process 8 exited`)).toEqual({
    user_id: "web-1",
    action: "nginx",
    details: { message: "worker process 8 exited" },
    created_at: "2026-11-30T10:00:00.123456Z",
    extra: { syslog: SYSLOG },
  });
});
