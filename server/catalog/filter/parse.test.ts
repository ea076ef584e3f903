import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FilterSyntaxError, parseConjuncts, parseFilter, writeField } from ".";
import type { FieldTest, FilterExpression } from "./tree";

/** The expression in a notation with all parentheses. */
function shown(expression: FilterExpression): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return `(${expression.operands.map(shown).join(` ${expression.kind} `)})`;
    case "not":
      return `not ${shown(expression.operand)}`;
    case "text":
      return `text ${JSON.stringify(expression.parts)}`;
    case "field": {
      const { field, path, test } = expression;
      return `${[field, ...path].join("/")} ${testText(test)}`;
    }
  }
}

function testText(test: FieldTest): string {
  if (test.op === "match") return `is ${JSON.stringify(test.pattern)}`;
  return "value" in test ? `${test.op} ${test.value}` : test.op;
}

const read = (text: string) => shown(parseFilter(text));

function problemOf(text: string): [string, number] | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return [error.problem.code.replace("input.", ""), error.position];
  }
}

describe("A filter expression", () => {
  it.each([
    ["user_id:null", "user_id null"],
    [" user_id : * ", "user_id set"],
    ['user_id:""', "user_id empty"],
    ["user_id:7", 'user_id is ["7"]'],
    ["user_id = 7", 'user_id is ["7"]'],
    ['user_id:"null"', 'user_id is ["null"]'],
    ['user_id:"*"', 'user_id is ["*"]'],
    ["user_id:\\*", 'user_id is ["*"]'],
    ["request_path:/api/*", 'request_path is ["/api/",""]'],
    ["request_path:*api*", 'request_path is ["","api",""]'],
    ["request_path:*.pdf", 'request_path is ["",".pdf"]'],
    ['action:"log in"*', 'action is ["log in",""]'],
    ['action:"say \\"hi\\" \\\\"', 'action is ["say \\"hi\\" \\\\"]'],
    ["ip_address:2001:db8::/32", 'ip_address is ["2001:db8::/32"]'],
    ["created_at >= 2026-01-31T08:00", "created_at >= 2026-01-31T08:00"],
    ["response_time>500", "response_time > 500"],
    ["response_time <= 500", "response_time <= 500"],
    ["os != iOS", 'not os is ["iOS"]'],
    ["os:(iOS, Android)", '(os is ["iOS"] or os is ["Android"])'],
    ["os != (iOS, null)", 'not (os is ["iOS"] or os null)'],
    ["status_code:404,5xx", 'status_code is ["404,5xx"]'],
    ['details."案号":"（2024）京01民终123号"', 'details/案号 is ["（2024）京01民终123号"]'],
    ['extra.a."b.c"."d\\"e":1', 'extra/a/b.c/d"e is ["1"]'],
    ["extra.items.0.price > 9.5", "extra/items/0/price > 9.5"],
    ["refund", 'text ["refund"]'],
    ['"payment failed"', 'text ["payment failed"]'],
    ["re*nd*", 'text ["re","nd"]'],
    ["京01民终", 'text ["京01民终"]'],
    ["a b", '(text ["a"] and text ["b"])'],
    ["a and b or c", '((text ["a"] and text ["b"]) or text ["c"])'],
    ["a (b OR c)", '(text ["a"] and (text ["b"] or text ["c"]))'],
    ["-a -os:iOS", '(not text ["a"] and not os is ["iOS"])'],
    ["not (a b)", 'not (text ["a"] and text ["b"])'],
    ["not not a", 'text ["a"]'],
    ['"and" "or"', '(text ["and"] and text ["or"])'],
    ["android order", '(text ["android"] and text ["order"])'],
    ["user_id:null AND\nos:*", "(user_id null and os set)"],
    ["((((a))))", 'text ["a"]'],
  ])("%s", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    ["", "filter_term_expected", 0],
    ["   ", "filter_term_expected", 3],
    ["and", "filter_term_expected", 0],
    ["or a", "filter_term_expected", 0],
    ["a and", "filter_term_expected", 5],
    ["a or", "filter_term_expected", 4],
    ["not", "filter_term_expected", 3],
    ["user_id:", "filter_value_expected", 8],
    ["user_id:)", "filter_value_expected", 8],
    ["os:(a b)", "filter_list", 6],
    ["os:(a, b", "filter_parenthesis", 3],
    ["os:(a,)", "filter_value_expected", 6],
    ["(a or b", "filter_parenthesis", 0],
    ["a)", "filter_unexpected", 1],
    ["()", "filter_unexpected", 1],
    ["os:a, user_id:b", "filter_unexpected", 4],
    [":a", "filter_term_expected", 0],
    ["os:*a*b*c*d*e*", "filter_stars", 3],
    ["response_time > null", "filter_not_comparable", 16],
    ["response_time > 5*", "filter_not_comparable", 16],
    ["*", "filter_term_expected", 0],
    ['""', "filter_term_expected", 0],
    ['os:"', "filter_quote", 3],
    ['"a', "filter_quote", 0],
    ["os:*\0", "nul", 4],
  ])("that is invalid is reported with its position: %j", (text, problem, position) => {
    expect(problemOf(text)).toEqual([problem, position]);
  });

  it("has limits, beyond which it is rejected immediately", () => {
    expect(problemOf("x".repeat(10_000))).toEqual(["too_long", 2_000]);
    expect(problemOf("a:* ".repeat(60))).toEqual(["filter_terms", 200]);
    expect(problemOf("(".repeat(2_000))).toEqual(["filter_depth", 30]);
    expect(problemOf("-".repeat(2_000))).toEqual(["filter_depth", 30]);
    expect(problemOf(`"${"\\".repeat(1_900)}`)).toEqual(["filter_quote", 0]);
    expect(problemOf(" ".repeat(2_000))).toEqual(["filter_term_expected", 2_000]);
  });

  it("is the join of its parts, for any part", () => {
    for (const text of ["a os:iOS", "a or b", "(a or b) c", "os:(a, b) -c", "not a and b"])
      expect(
        read(
          parseConjuncts(text)
            .map((part) => part.text)
            .join(" "),
        ),
      ).toBe(read(text));
    expect(
      read(
        [parseConjuncts("a or b"), parseConjuncts("c or d")]
          .flat()
          .map((part) => part.text)
          .join(" "),
      ),
    ).toBe('((text ["a"] or text ["b"]) and (text ["c"] or text ["d"]))');
  });

  it("finds exactly the value of which it is written, whatever its characters", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((value) => !value.includes("\0"));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), text, fc.boolean(), (path, value, isPrefix) => {
        const pattern = isPrefix ? [value, ""] : [value];
        const written = writeField({ field: "extra", path, test: { op: "match", pattern } });
        fc.pre(written.length <= 2_000 && !(value === "" && !isPrefix));
        const expected = value === "" ? { op: "set" } : { op: "match", pattern };
        expect(parseFilter(written)).toMatchObject({ kind: "field", field: "extra", path, test: expected });
      }),
    );
  });

  it("is parsed or rejected, for any text", () => {
    const piece = fc.constantFrom(
      "a",
      " ",
      "(",
      ")",
      '"',
      "-",
      "not ",
      " or ",
      " and ",
      ":",
      "*",
      "\\",
      ",",
      "os:",
      ">",
      ".",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const position = problemOf(pieces.join(""))?.[1] ?? 0;
        expect(position).toBeLessThanOrEqual(pieces.join("").length);
      }),
    );
  });
});
