"use client";

import { useMessages, useTranslations } from "next-intl";
import { useCallback, useMemo } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { CodedError, ErrorCode } from "@/server/catalog/errors";
import { type ErrorWords, errorText, type Refusal, refusalText } from "@/server/catalog/errors/text";
import { useActorName } from "./use-actor-name";
import { useColumnLabels } from "./use-column-labels";

/** Returns the messages of the user's language for errors, with the display names of tables, users and fields. */
function useErrorWords(): ErrorWords {
  const t = useTranslations();
  const { inputProblems, eventProblems, tasks } = useMessages();
  const labels = useColumnLabels();
  const actor = useActorName();
  return useMemo(() => {
    const isCode = (code: string): code is ErrorCode => t.has(`errorCodes.${code}` as `errorCodes.${ErrorCode}`);
    const names: Readonly<Record<string, string>> = inputProblems.names;
    const parts: Readonly<Record<string, string>> = eventProblems.parts;
    const taskNames: Readonly<Record<string, string>> = tasks.names;
    return {
      message: (code, values) => (isCode(code) ? t(`errorCodes.${code}`, values) : undefined),
      line: (name, problem) => t("inputProblems.line", { name, problem }),
      actor,
      table: (name) => {
        const table = LOG_TABLE_NAMES.find((known) => known === name);
        return table ? t(`tables.${table}`) : name;
      },
      task: (name) => taskNames[name] ?? name,
      field: (name) => parts[name] ?? labels[name] ?? name,
      path: (path) => names[path] ?? labels[path.replace(/^(?:not|min|max)_/, "")] ?? path,
    };
  }, [t, inputProblems, eventProblems, tasks, labels, actor]);
}

/** Renders a stored error, such as a job's, in the user's language, starting with a capital letter. */
export function useCodedError() {
  const words = useErrorWords();
  return useCallback(
    (error: CodedError): string => {
      const text = errorText(error, words);
      return text.charAt(0).toUpperCase() + text.slice(1);
    },
    [words],
  );
}

/** Like useCodedError, for a refused call with the errors of its fields. */
export function useRefusalText() {
  const words = useErrorWords();
  return useCallback((error: Refusal): string => refusalText(error, words), [words]);
}
