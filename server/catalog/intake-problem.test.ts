import { expect, test } from "vitest";
import { INTAKE_PROBLEMS, type IntakeProblem, intakeProblemText, readIntakeProblem } from "./intake-problem";

test.each(Object.keys(INTAKE_PROBLEMS) as IntakeProblem[])(
  "a refusal for %s is told apart from all others",
  (problem) => {
    const values = Object.fromEntries(
      [...INTAKE_PROBLEMS[problem].matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, `a ${name}`]),
    );
    expect(readIntakeProblem(intakeProblemText(problem, values))).toEqual({ problem, values });
  },
);

test("other words are not taken for a refused intake", () => {
  expect(readIntakeProblem("The document is long.")).toBeUndefined();
});
