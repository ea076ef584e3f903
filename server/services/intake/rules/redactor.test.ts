import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTimeSlice } from "@/server/lib/time-slice";
import "@/server/testing/property-seed";
import type { RedactionKind } from "../contract";
import { expressionProblem, redactEventText, redactJson, redactorsOf, redactText } from "./redactor";

const slice = makeTimeSlice();

async function redact(text: string, kinds: RedactionKind[], patterns: string[] = []): Promise<string> {
  let redacted = text;
  for (const redactor of redactorsOf({ kinds, patterns })) redacted = await redactText(redacted, redactor, slice);
  return redacted;
}

const ALL: RedactionKind[] = ["identity_card", "mobile_phone", "token", "email", "bank_card"];
const MARK = "[redacted]";

describe("Redaction removes", () => {
  it.each<[kind: RedactionKind, text: string, expected: string]>([
    ["identity_card", "/u/11010519491231002X/case", `/u/${MARK}/case`],
    ["identity_card", "id=440524188001010014&x=1", `id=${MARK}&x=1`],
    ["identity_card", "身份证11010519491231002x。", `身份证${MARK}。`],
    ["mobile_phone", "/sms?phone=13812345678&n=1", `/sms?phone=${MARK}&n=1`],
    ["mobile_phone", "tel:+8613812345678", `tel:${MARK}`],
    ["mobile_phone", "+86 138 1234 5678 / 0086-138-1234-5678", `${MARK} / ${MARK}`],
    ["mobile_phone", "p=%2B8613812345678&q=%2013912345678", `p=${MARK}&q=%20${MARK}`],
    ["mobile_phone", "手机13812345678已验证", `手机${MARK}已验证`],
    ["token", "Authorization: Bearer abc.def-ghi_123", `Authorization: Bearer ${MARK}`],
    ["token", "bearer%20abcdefghij and Basic dXNlcjpwYXNz", `bearer%20${MARK} and Basic ${MARK}`],
    ["token", "/cb?access_token=ya29.a0Af&state=1", `/cb?access_token=${MARK}&state=1`],
    ["token", "/login?user=1&Password=p%40ss&apiKey=k1", `/login?user=1&Password=${MARK}&apiKey=${MARK}`],
    ["token", '{"password":"secret1","n":1}', `{"password":"${MARK}","n":1}`],
    ["token", '"{\\"token\\":\\"abc\\"}"', `"{\\"token\\":\\"${MARK}\\"}"`],
    ["token", "/x/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-natur_e/y", `/x/${MARK}/y`],
    ["email", "/u?mail=li.wei%40example.com&x", `/u?mail=${MARK}&x`],
    ["email", "from:a+b@mail.example.co.uk, 张三@例子.公司", `from:${MARK}, ${MARK}`],
    ["email", "q=to%3Da%40b.org", `q=to%3D${MARK}`],
    ["bank_card", "card=6222021234567890128&n", `card=${MARK}&n`],
    ["bank_card", "4111 1111 1111 1111, 4111-1111-1111-1111", `${MARK}, ${MARK}`],
  ])("%s in %s", async (kind, text, expected) => {
    expect(await redact(text, [kind])).toBe(expected);
  });

  it.each([
    ["an identity card with a wrong check digit", "110105194912310021"],
    ["a longer number", "138123456789, 913812345678, 1.13812345678"],
    ["a time in milliseconds", "t=1764500000000&u=1764500000000000"],
    ["a UUID", "/orders/0b1c2d3e-1234-4000-8000-a13812345678"],
    ["a hash", "sha256:9f86d081884c7d659a13812345678feaa0c55ad015a3bf4f1b2b0b822cd15d6c"],
    ["a card number with a wrong check digit", "6222021234567890129"],
    ["a version or an address", "/v1.2.3 10.0.0.7:8080 2001:db8::1"],
    ["a path about tokens", "/api/token/refresh /password/reset /secrets"],
    ["a name without a domain", "user@host /@vite/client"],
  ])("nothing from %s", async (_name, text) => {
    expect(await redact(text, ALL)).toBe(text);
  });

  it("the values of JSON, also numbers and members that are named as secrets, and keeps everything else", async () => {
    const value = {
      phone: 13812345678,
      user: { Password: "x", api_key: 7, note: "call 13812345678", empty: "", token: null },
      "13912345678": ["a@b.cn", true, 1.5],
    };
    let redacted: unknown = value;
    for (const redactor of redactorsOf({ kinds: ALL, patterns: [] }))
      redacted = await redactJson(redacted, redactor, slice);
    expect(redacted).toEqual({
      phone: MARK,
      user: { Password: MARK, api_key: MARK, note: `call ${MARK}`, empty: "", token: null },
      [MARK]: [MARK, true, 1.5],
    });
  });

  it("what an own expression matches, in the values of JSON without breaking it", async () => {
    expect(await redact("ORD-123456 and ORD-1", [], ["ORD-[0-9]{6}"])).toBe(`${MARK} and ORD-1`);
    expect(await redact("案号（2024）京01民终123号", [], ["(?i)（\\d{4}）\\p{Han}+\\d+\\p{Han}+\\d+号"])).toBe(
      `案号${MARK}`,
    );
    const text = '{"a":"x\\"secret 7\\"","b":[1]}';
    const redactors = redactorsOf({ kinds: [], patterns: ['"secret \\d"'] });
    expect(JSON.parse(await redactEventText(text, redactors, slice))).toEqual({ a: `x${MARK}`, b: [1] });
  });

  it("names of JSON members, without losing those that become equal", async () => {
    const text = JSON.stringify({ "13812345678": 1, "[redacted] 2": 2, "13912345678": 3, "13712345678": 4 });
    const redacted = await redactEventText(text, redactorsOf({ kinds: ["mobile_phone"], patterns: [] }), slice);
    expect(JSON.parse(redacted)).toEqual({ [MARK]: 1, [`${MARK} 2`]: 2, [`${MARK} 3`]: 3, [`${MARK} 4`]: 4 });
  });

  it("nothing from what it has redacted before, for any text", async () => {
    const piece = fc.constantFrom(
      ...["13812345678", "+86", "11010519491231002X", "a@b.cn", "%40", "Bearer ", "token=", "eyJhbGciOiJI", ".", " "],
      ...["4111111111111111", MARK, "[", "redacted", '"', "&", "=", "x", "7", "-", "/", "\\", "案"],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const once = await redact(pieces.join(""), ALL, ["red", "[a-z]{3,5}7"]);
        const twice = await redact(once, ALL, ["red", "[a-z]{3,5}7"]);
        expect(twice.split(MARK).length).toBeGreaterThanOrEqual(once.split(MARK).length);
      }),
      { numRuns: Number(process.env.REDACT_RUNS ?? 300) },
    );
  });
});

describe("An own expression", () => {
  it.each([
    ["(a+)+$", undefined],
    ["[A-Z]{2}\\d{6,10}", undefined],
    ["(?i)case[ _-]?no", undefined],
    ["(", "syntax"],
    ["(?=x)y", "syntax"],
    ["(a)\\1", "syntax"],
    ["([a-z]{1,30}){1,9}#", "too_complex"],
    ["x*", "matches_nothing"],
  ])("%s: %s", (expression, problem) => {
    expect(expressionProblem(expression)).toBe(problem);
  });

  it("is applied to long texts in parts, between which other tasks run, without losing matches", async () => {
    const text = `${"x".repeat(4_090)} ORD-123456 ${"y".repeat(60_000)} ORD-999999`;
    expect(await redact(text, [], ["ORD-\\d{6}"])).toBe(text.replace(/ORD-\d{6}/g, MARK));
    const phones = "p=13812345678&".repeat(10_000);
    expect(await redact(phones, ["mobile_phone"])).toBe(`p=${MARK}&`.repeat(10_000));
  });

  it("takes time in proportion to the text, also if it would backtrack", async () => {
    for (const text of ["a".repeat(200_000), "eyJ".repeat(60_000), "a@".repeat(60_000), "token ".repeat(30_000)]) {
      expect(await redact(text, ALL, ["(a+)+$z", "(\\w+\\s?)+:"])).toHaveLength(text.length);
    }
  });
});
