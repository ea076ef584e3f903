"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { readInputProblem } from "@/server/catalog/input-problem";
import { readIntakeProblem } from "@/server/catalog/intake-problem";
import { readJobProblem } from "@/server/catalog/job-problem";
import { useActorName } from "./use-actor-name";
import { useColumnLabels } from "./use-column-labels";
import { useProblemText } from "./use-problem-text";

/** Turns the `error` of a job, or a refusal, into the person's language; undefined for words that are not known. */
function useKnownProblem() {
  const t = useTranslations("jobs.problem");
  const actorName = useActorName();
  const inputText = useInputProblem();
  const intakeText = useIntakeProblem();
  return useCallback(
    (error: string): string | undefined => {
      const say = (words: string): string | undefined => {
        const known = readJobProblem(words);
        if (!known) return inputText(words) ?? intakeText(words, say);
        const { name, reason, ...values } = known.values;
        return t(known.problem, {
          ...values,
          ...(name !== undefined && { name: actorName(name) }),
          ...(reason !== undefined && { reason: say(reason) ?? reason }),
        });
      };
      return say(error);
    },
    [t, actorName, inputText, intakeText],
  );
}

/** As useKnownProblem; words that are not known stay as they are. */
export function useJobProblemText() {
  const known = useKnownProblem();
  return useCallback((error: string): string => known(error) ?? error, [known]);
}

/** Turns the refusal of a file, or of an undo, into the person's language. */
function useIntakeProblem() {
  const t = useTranslations();
  const eventText = useProblemText();
  return useCallback(
    (text: string, known: (text: string) => string | undefined): string | undefined => {
      const found = readIntakeProblem(text);
      if (!found) return undefined;
      const { table: asked, reason, ...values } = found.values;
      const table = LOG_TABLE_NAMES.find((name) => name === asked);
      return t(`intakeProblems.${found.problem}`, {
        ...values,
        ...(asked !== undefined && { table: table ? t(`tables.${table}`) : asked }),
        ...(reason !== undefined && { reason: known(reason) ?? eventText(reason) }),
      });
    },
    [t, eventText],
  );
}

/** Turns a refused parameter into the person's language: its name as the interface has it, and what is wrong. */
function useInputProblem() {
  const t = useTranslations("inputProblems");
  const labels = useColumnLabels();
  return useCallback(
    (text: string): string | undefined => {
      const found = readInputProblem(text);
      if (!found) return undefined;
      const { path, problem, values } = found;
      const column = labels[path.replace(/^(?:not|min|max)_/, "")];
      const name = isParameter(path) ? t(`names.${path}`) : (column ?? path);
      return t("line", { name, problem: t(`problems.${problem}`, values) });
    },
    [t, labels],
  );
}

const PARAMETERS = [
  "start_date",
  "end_date",
  "keep_until",
  "filter",
  "filters",
  "columns",
  "compress",
  "url",
  "at",
  "page",
  "page_size",
  "cursor",
] as const;

/** What is no column, and so has a name here. */
function isParameter(path: string): path is (typeof PARAMETERS)[number] {
  return PARAMETERS.some((parameter) => parameter === path);
}
