"use client";

import { useTranslations } from "next-intl";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { useCodedError } from "../ui/use-coded-error";
import { expressionProblem } from "./expression";

/** Returns a function that describes why an expression is invalid for one of the tables, and where; or undefined. */
export function useExpressionProblem(tables: readonly BrowsedTableName[]): (expression: string) => string | undefined {
  const t = useTranslations("logs");
  const codedError = useCodedError();
  return (expression) => {
    if (expression.trim() === "") return undefined;
    for (const table of tables) {
      const wrong = expressionProblem(browsedTables[table], expression);
      if (!wrong) continue;
      const place = wrong.rest === "" ? t("filterEnd") : t("filterAt", { rest: wrong.rest });
      return t("filterProblem", { problem: codedError(wrong.problem), place });
    }
    return undefined;
  };
}
