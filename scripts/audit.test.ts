import { expect, test } from "vitest";
import { readAudit } from "./audit";

const vulnerability = (name: string, severity: string) => ({ name, severity, range: "<2" });

test("High and critical findings are reported with the affected versions, lower ones are not", () => {
  const vulnerabilities = {
    a: vulnerability("a", "critical"),
    b: vulnerability("b", "moderate"),
    c: vulnerability("c", "high"),
  };
  expect(readAudit(JSON.stringify({ vulnerabilities }))).toEqual({
    kind: "found",
    findings: ["a <2: critical", "c <2: high"],
  });
  expect(readAudit(JSON.stringify({ vulnerabilities: { b: vulnerability("b", "low") } }))).toEqual({ kind: "clean" });
});

test("An unreachable registry does not count as a passed audit", () => {
  expect(readAudit('{"message":"405 Method Not Allowed\\nmore"}')).toEqual({
    kind: "unanswered",
    why: "405 Method Not Allowed",
  });
  expect(readAudit("")).toEqual({ kind: "unanswered", why: "no answer" });
});
