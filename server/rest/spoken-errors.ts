import type { Locale } from "@/messages/locales";
import type { ErrorValue } from "@/server/catalog/errors";
import { renderError } from "@/server/lib/error-text";

/** Returns `item` with its error as a message. */
export function spoken<Item extends { readonly error: ErrorValue }>(item: Item, locale: Locale) {
  const { code, params } = item.error;
  return { ...item, error: renderError(item.error, locale), error_code: code, error_params: params };
}

/** Like spoken, for an item that may have no error. */
export function spokenIfAny<Item extends { readonly error: ErrorValue | null }>(item: Item, locale: Locale) {
  if (item.error !== null) return spoken({ ...item, error: item.error }, locale);
  return { ...item, error: null, error_code: null, error_params: null };
}

/** Returns `item` with its problem as a message. */
export function spokenProblem<Item extends { readonly problem: ErrorValue | null }>(item: Item, locale: Locale) {
  const { problem } = item;
  return {
    ...item,
    problem: problem && renderError(problem, locale),
    problem_code: problem?.code ?? null,
    problem_params: problem?.params ?? null,
  };
}
