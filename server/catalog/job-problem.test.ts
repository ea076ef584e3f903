import { expect, test } from "vitest";
import { JOB_PROBLEMS, type JobProblem, jobProblemText, readJobProblem } from "./job-problem";

test.each(Object.keys(JOB_PROBLEMS) as JobProblem[])("%s is told apart from all others by its words", (problem) => {
  const names = [...JOB_PROBLEMS[problem].matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const values = Object.fromEntries(
    names.map((name) => [name, name === "reason" ? "It is so. And more." : `a ${name}`]),
  );
  expect(readJobProblem(jobProblemText(problem, values))).toEqual({ problem, values });
});

test("words that nobody listed are not taken for a reason", () => {
  expect(readJobProblem("The cleanup of access_logs")).toBeUndefined();
});
