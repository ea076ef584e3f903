import { expect, test } from "vitest";
import { readWebhookProblem, WEBHOOK_PROBLEMS, type WebhookProblem, webhookProblemText } from "./webhook-problem";

test.each(Object.keys(WEBHOOK_PROBLEMS) as WebhookProblem[])(
  "%s is told apart from all others by its words",
  (problem) => {
    const names = [...WEBHOOK_PROBLEMS[problem].matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const values = Object.fromEntries(names.map((name) => [name, `a-${name}`]));
    expect(readWebhookProblem(webhookProblemText(problem, values))).toEqual({ problem, values });
  },
);

test("words that nobody listed are not taken for a reason", () => {
  expect(readWebhookProblem("write EPROTO")).toBeUndefined();
});
