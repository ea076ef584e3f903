"use client";

import { useTranslations } from "next-intl";
import { withoutUnitSpace } from "@/messages/cjk-spacing";
import type { RouterOutputs } from "../trpc";
import { useNumbers } from "../ui/use-numbers";

type Values = Pick<RouterOutputs["overview"]["traffic"]["paths"], "distinct" | "is_lower_bound">;

/** Returns the text for the number of different values of a list. */
export function useDistinctText(): (values: Values | undefined) => string | undefined {
  const t = useTranslations("overview");
  const numbers = useNumbers();
  return (values) =>
    values &&
    withoutUnitSpace(t(values.is_lower_bound ? "uniqueMin" : "unique", { count: numbers.count(values.distinct) }));
}
