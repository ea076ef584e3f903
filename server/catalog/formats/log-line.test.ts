import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderError } from "@/server/lib/error-text";
import { parseLogLine } from "./log-line";

const TIME = "[10/Oct/2000:13:55:36 -0700]";

function parsed(line: string) {
  const result = parseLogLine(line);
  if ("error" in result) throw new Error(`${renderError(result.error)}: ${line}`);
  return result.event;
}

function refusal(line: string): string {
  const result = parseLogLine(line);
  if ("event" in result) throw new Error(`became an event: ${line}`);
  return renderError(result.error);
}

describe("A log line", () => {
  test("in Combined Log Format has every field", () => {
    expect(
      parsed(`203.0.113.7 - frank ${TIME} "GET /a?b=c HTTP/1.1" 200 2326 "http://e.com/" "Mozilla/5.0 (X)"`),
    ).toEqual({
      created_at: "2000-10-10T13:55:36-07:00",
      ip_address: "203.0.113.7",
      user_id: "frank",
      request_method: "GET",
      request_path: "/a?b=c",
      protocol: "HTTP/1.1",
      status_code: 200,
      bytes_sent: 2326,
      referer: "http://e.com/",
      user_agent: "Mozilla/5.0 (X)",
    });
  });

  test("in Common Log Format has no referer and user agent", () => {
    const event = parsed(`::1 - - ${TIME} "GET / HTTP/1.0" 304 -`);
    expect(event).not.toHaveProperty("user_agent");
    expect(event).not.toHaveProperty("bytes_sent");
    expect(event).toMatchObject({ ip_address: "::1", status_code: 304 });
  });

  test.each([
    [
      `www.example.com 10.0.0.1 - - ${TIME} "GET / HTTP/1.1" 200 1`,
      { vhost: "www.example.com", ip_address: "10.0.0.1" },
    ],
    [`www.example.com:443 ::1 - - ${TIME} "GET / HTTP/1.1" 200 1`, { vhost: "www.example.com:443", ip_address: "::1" }],
    [`10.9.9.9:80 10.0.0.1 - - ${TIME} "GET / HTTP/1.1" 200 1`, { vhost: "10.9.9.9:80", ip_address: "10.0.0.1" }],
    [`h 10.0.0.1 - 9f2c - ${TIME} "GET / HTTP/1.1" 200 1`, { vhost: "h", request_id: "9f2c", ip_address: "10.0.0.1" }],
    [
      `Sep 15 16:13:46 host nginx[28]: 10.0.0.1 - - ${TIME} "GET / HTTP/1.1" 200 1`,
      { prefix: "Sep 15 16:13:46 host nginx[28]:", ip_address: "10.0.0.1" },
    ],
    [`10.0.0.1 - John Smith ${TIME} "GET / HTTP/1.1" 200 1`, { user_id: "John Smith" }],
    [`10.0.0.1 ident - ${TIME} "GET / HTTP/1.1" 200 1`, { ident: "ident" }],
  ])("preserves the text before the time: %s", (line, expected) => {
    expect(parsed(line)).toMatchObject(expected);
  });

  test.each([
    ["203.0.113.7, 10.0.0.1 - -", { ip_address: "203.0.113.7", forwarded_for: ["10.0.0.1"] }],
    ["203.0.113.7,10.0.0.1,10.0.0.2 - -", { ip_address: "203.0.113.7", forwarded_for: ["10.0.0.1", "10.0.0.2"] }],
    ["203.0.113.7 10.0.0.1 - -", { ip_address: "203.0.113.7", forwarded_for: ["10.0.0.1"] }],
    ['"203.0.113.7, 10.0.0.1" 10.0.0.2 - -', { ip_address: "203.0.113.7", forwarded_for: ["10.0.0.1", "10.0.0.2"] }],
    ["unknown, 203.0.113.7 - -", { ip_address: "203.0.113.7", forwarded_for: ["unknown"] }],
    ["-, 2001:db8::7 - ann", { ip_address: "2001:db8::7", forwarded_for: ["-"], user_id: "ann" }],
    ["host[1]: 203.0.113.7, 10.0.0.1 - -", { ip_address: "203.0.113.7", prefix: "host[1]:" }],
    ["e.com 203.0.113.7, 10.0.0.1 - -", { ip_address: "203.0.113.7", vhost: "e.com", forwarded_for: ["10.0.0.1"] }],
    ["203.0.113.9:51234 - -", { ip_address: "203.0.113.9", client_port: "51234" }],
    ["[2001:db8::9]:443 - -", { ip_address: "2001:db8::9", client_port: "443" }],
    ["[2001:db8::9] - -", { ip_address: "2001:db8::9" }],
    ["::1%0 - -", { ip_address: "::1", client_zone: "0" }],
    ["fe80::1%eth0 - -", { ip_address: "fe80::1", client_zone: "eth0" }],
    ["unix: - -", { ip_address: "127.0.0.1", client: "unix:" }],
    ["unix: - ann", { ip_address: "127.0.0.1", client: "unix:", user_id: "ann" }],
    ["203.0.113.7, unix: - -", { ip_address: "203.0.113.7", forwarded_for: ["unix:"] }],
    ['203.0.113.7 - "ann"', { ip_address: "203.0.113.7", user_id: "ann" }],
    ['203.0.113.7 - "ann lee"', { ip_address: "203.0.113.7", user_id: "ann lee" }],
    ["203.0.113.7 - a 6.6.6.6 x y", { ip_address: "203.0.113.7", user_id: "a 6.6.6.6 x y" }],
    ["e.com 203.0.113.7 - a 6.6.6.6 x y", { ip_address: "203.0.113.7", user_id: "a 6.6.6.6 x y" }],
  ])("has the client logged by the server: %s", (head, expected) => {
    const event = parsed(`${head} ${TIME} "GET / HTTP/1.1" 200 1 "-" "-"`);
    expect(event).toMatchObject(expected);
  });

  test.each(['203.0.113.7 - ""', "203.0.113.7 - -"])("has no user if the server logged none: %s", (head) => {
    expect(parsed(`${head} ${TIME} "GET / HTTP/1.1" 200 1`)).not.toHaveProperty("user_id");
  });

  test.each(["unknown - -", "- - -", "example.com - -", "unknown, - - -", "999.1.1.1 - -"])(
    "without a client IP address is rejected: %s",
    (head) => {
      expect(refusal(`${head} ${TIME} "GET / HTTP/1.1" 200 1`)).toBe("ip_address: no IP address before the time");
    },
  );

  test.each([
    ["\\x16\\x03\\x01", "-", "\\x16\\x03\\x01"],
    ["", "-", "-"],
    ["-", "-", "-"],
    ["batman", "-", "batman"],
    ["GET /no protocol here", "GET", "/no protocol here"],
    ["GET /a b HTTP/1.1", "GET", "/a b"],
    ["VERSION-CONTROL /a HTTP/1.1", "-", "VERSION-CONTROL /a HTTP/1.1"],
    ["GET http://e.com:80/a HTTP/1.0", "GET", "http://e.com:80/a"],
  ])("with the request %j preserves all of it", (request, method, path) => {
    const event = parsed(`10.0.0.1 - - ${TIME} "${request}" 400 0 "-" "-"`);
    expect(event).toMatchObject({ request_method: method, request_path: path });
  });

  test.each([
    ['say \\"hi\\"', 'say "hi"'],
    ["a\\\\b", "a\\b"],
    ["\\xe4\\xbd\\xa0\\xe5\\xa5\\xbd", "你好"],
    ["\\x22quoted\\x22", '"quoted"'],
    ["\\\\x22", "\\x22"],
    ["bad \\xff byte \\x22", "bad \\xff byte \\x22"],
    ['un"escaped', 'un"escaped'],
  ])("with the user agent %j has the text %j", (written, text) => {
    expect(parsed(`10.0.0.1 - - ${TIME} "GET / HTTP/1.1" 200 1 "-" "${written}"`).user_agent).toBe(text);
  });

  test.each([
    ['500 "app@docker" "http://172.17.0.3:80" 42ms', 42],
    ["80 0.012 [default-app-80] [] 10.0.0.9:80 13 0.011 200 c994", 12],
    ["rt=0.250 uct=0.001", 250],
    ["1.500", 1500],
    ["123456", undefined],
    ['"-"', undefined],
  ])("with %j after the user agent has the response time %s", (trailing, milliseconds) => {
    const event = parsed(`10.0.0.1 - - ${TIME} "GET / HTTP/1.1" 200 1 "-" "curl" ${trailing}`);
    expect(event.trailing).toBe(trailing);
    expect(event.response_time).toBe(milliseconds);
  });

  test("without a response has the status 0", () => {
    expect(parsed(`10.0.0.1 - - ${TIME} "GET / HTTP/1.1" - - "-" "-"`).status_code).toBe(0);
  });

  test("is rejected with the field and the reason wherever it is truncated", () => {
    const whole = `10.0.0.1 - - ${TIME} "GET / HTTP/1.1" 200 123 "http://e.com/" "Mozilla/5.0"`;
    const commonEnd = whole.indexOf(" 123") + 1;
    for (let length = 0; length < whole.length; length++) {
      const isCommonFormat = length > commonEnd && length <= commonEnd + 4;
      if (!isCommonFormat) expect(refusal(whole.slice(0, length))).toMatch(/^[a-z_]+: .+/);
    }
  });

  test.each([
    [`10.0.0.1 - - [10/Foo/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1`, /^created_at: /],
    [`unknown - - ${TIME} "GET / HTTP/1.1" 200 1`, /^ip_address: /],
    [`10.0.0.1 - - ${TIME} "GET / HTTP/1.1" abc 1`, /^request_path: /],
    [`10.0.0.1 - - ${TIME} "GET / HTTP/1.1" 200 x1`, /^bytes_sent: /],
  ])("is rejected without repeating its value: %s", (line, reason) => {
    expect(refusal(line)).toMatch(reason);
  });

  test("never throws for any text", () => {
    const part = fc.constantFrom(
      ' "',
      '" ',
      "\\",
      "\\x4",
      "[",
      "]",
      TIME,
      "10.0.0.1",
      " 200 ",
      "-",
      "\u0000",
      "é",
      "GET /",
    );
    fc.assert(fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => void parseLogLine(parts.join(""))));
  });
});
