"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { usePrincipal } from "../../session";
import { rangeDates } from "../../time-range/range";
import { useTRPC } from "../../trpc";
import { columnOf, columnOfGroup, groupFields, isField, numericFields } from "../fields";
import type { ExploreQuestion } from "../state";
import { useExploreText } from "../use-explore-text";

const FRESH_MS = 60_000;
const MINUTE_MS = 60_000;

export interface FieldOption {
  readonly field: string;
  readonly label: string;
  readonly hint?: string;
}

/**
 * The fields to group by, to count distinct values of, or to measure: those of the table, and the JSON members of
 * recent rows. Fields that are masked for the user are not offered.
 */
export function useFieldOptions(question: ExploreQuestion, kind: "group" | "distinct" | "number", isOpen: boolean) {
  const t = useTranslations("explore.fieldHints");
  const text = useExploreText(question.table);
  const trpc = useTRPC();
  const isViewer = usePrincipal().role === "viewer";
  const { data: mine } = useQuery(trpc.privacy.mine.queryOptions(undefined, { enabled: isViewer, staleTime: 30_000 }));
  const masked = new Set<string>(mine?.masked);
  const isMasked = masked.size > 0;
  // In steps of a minute, so that a relative range does not change the query.
  const now = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  const members = useQuery(
    trpc.logs.members.queryOptions(
      { table: question.table, filters: { ...question.filters }, ...rangeDates(question.range, now) },
      { enabled: isOpen && !isMasked, staleTime: FRESH_MS },
    ),
  );
  const found = isMasked ? [] : (members.data?.members ?? []);
  const isNumber = (example: string) => example.trim() !== "" && Number.isFinite(Number(example));
  const own = kind === "number" ? numericFields(question.table) : groupFields(question.table);
  const hint = (field: string) =>
    field === "ip_block" ||
    field === "hour_of_day" ||
    field === "weekday" ||
    field === "route" ||
    field === "referer_host" ||
    field === "status_class" ||
    field === "is_bot"
      ? t(field)
      : undefined;
  const options: FieldOption[] = [
    ...own
      .filter((field) => !isMasked || isFilterable(question.table, field, masked))
      .map((field) => ({ field, label: text.field(field), hint: hint(field) })),
    ...found
      .filter(({ example }) => kind !== "number" || isNumber(example))
      .map(({ field, example }) => ({ field, label: field, hint: t("member", { example }) })),
  ];
  /** Returns the options that contain the text, and the text itself if it is a JSON member that is not listed. */
  const search = (typed: string): FieldOption[] => {
    const needle = typed.trim().toLowerCase();
    const matching = options.filter(
      ({ field, label }) => field.toLowerCase().includes(needle) || label.toLowerCase().includes(needle),
    );
    const isOwn = !isMasked && typed.includes(".") && isField(question.table, typed.trim());
    return isOwn && !options.some(({ field }) => field === typed.trim())
      ? [...matching, { field: typed.trim(), label: typed.trim() }]
      : matching;
  };
  return { search, isLoading: members.isFetching };
}

/** Whether a field can be read where personal data is masked: texts without a filter could contain some. */
function isFilterable(table: ExploreQuestion["table"], field: string, masked: ReadonlySet<string>): boolean {
  const name = columnOfGroup(field);
  const column = columnOf(table, name);
  return column ? column.filter !== undefined && !masked.has(name) : true;
}
