import { type LogTableName, logTables } from "@/server/catalog";
import type { FieldError } from "@/server/catalog/errors";
import { AppError, fieldError, invalidInput } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { expressionProblem } from "@/server/services/intake";
import type { IntakeRule } from "@/server/services/intake/contract";
import { readFilters } from "@/server/services/logs";

/** Columns whose values a rule may redact. */
function redactableColumns(table: LogTableName): string[] {
  return logTables[table].columns.flatMap(({ name, type }) => (type === "text" || type === "jsonb" ? [name] : []));
}

const EXPRESSION_PROBLEMS = {
  syntax: "input.expression",
  too_complex: "input.expression_too_complex",
  matches_nothing: "input.expression_matches_nothing",
} as const;

/**
 * Checks what depends on the table: conditions, columns and expressions.
 * @param pathOf the path of a rule in the request
 * @throws AppError UNPROCESSABLE
 */
export function checkRules(
  ctx: Pick<Context, "config">,
  table: LogTableName,
  rules: readonly IntakeRule[],
  pathOf: (index: number) => string,
): void {
  const problems = rules.flatMap((rule, index) => problemsOf(ctx, table, rule, pathOf(index)));
  if (problems.length > 0) throw invalidInput(problems);
}

function problemsOf(ctx: Pick<Context, "config">, table: LogTableName, rule: IntakeRule, path: string): FieldError[] {
  const problems: FieldError[] = [];
  try {
    if (rule.filter !== null) readFilters(logTables[table], { filters: { filter: rule.filter } }, ctx.config.timeZone);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    problems.push(...error.errors.map((problem) => ({ ...problem, path: `${path}.filter` })));
  }
  if (rule.action !== "redact") return problems;
  const allowed = redactableColumns(table);
  if (rule.columns.some((name) => !allowed.includes(name))) {
    problems.push(fieldError(`${path}.columns`, "input.one_of", { allowed: allowed.join(", ") }));
  }
  if (rule.kinds.length + rule.patterns.length === 0) problems.push(fieldError(`${path}.kinds`, "input.missing", {}));
  for (const [index, pattern] of rule.patterns.entries()) {
    const problem = expressionProblem(pattern);
    if (problem) problems.push(fieldError(`${path}.patterns.${index}`, EXPRESSION_PROBLEMS[problem], {}));
  }
  return problems;
}
