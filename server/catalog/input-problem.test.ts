import { expect, test } from "vitest";
import { INPUT_PROBLEMS, type InputProblem, inputProblemText, readInputProblem } from "./input-problem";

test.each(Object.keys(INPUT_PROBLEMS) as InputProblem[])(
  "a refusal for %s is told apart from all others",
  (problem) => {
    const values = Object.fromEntries(
      [...INPUT_PROBLEMS[problem].matchAll(/\{(\w+)\}/g)].map(([, name = ""], index) => [name, String(index)]),
    );
    const refusal = `min_response_time: ${inputProblemText(problem, values)}.`;
    expect(readInputProblem(refusal)).toEqual({ path: "min_response_time", problem, values });
  },
);

test("other words are not taken for a refused parameter", () => {
  expect(readInputProblem("The cleanup of access_logs (job 1): is in the past")).toBeUndefined();
});
