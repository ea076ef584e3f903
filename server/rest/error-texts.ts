import type { Locale } from "@/messages/locales";
import type { ErrorValue } from "@/server/catalog/errors";
import { renderError } from "@/server/lib/error-text";

/** Replaces the error of `item` by its text, code and params. */
export function withErrorText<Item extends { readonly error: ErrorValue }>(item: Item, locale: Locale) {
  const { code, params } = item.error;
  return { ...item, error: renderError(item.error, locale), error_code: code, error_params: params };
}

/** Like withErrorText, for an item that may have no error. */
export function withErrorTextIfAny<Item extends { readonly error: ErrorValue | null }>(item: Item, locale: Locale) {
  if (item.error !== null) return withErrorText({ ...item, error: item.error }, locale);
  return { ...item, error: null, error_code: null, error_params: null };
}

/** Like withErrorTextIfAny, for the problem of an archive. */
export function withProblemText<Item extends { readonly problem: ErrorValue | null }>(item: Item, locale: Locale) {
  const { error, error_code, error_params } = withErrorTextIfAny({ error: item.problem }, locale);
  return { ...item, problem: error, problem_code: error_code, problem_params: error_params };
}

/** Like withErrorTextIfAny, for the advice on a component. */
export function withAdviceText<Item extends { readonly advice: ErrorValue | null }>(item: Item, locale: Locale) {
  const { error, error_code, error_params } = withErrorTextIfAny({ error: item.advice }, locale);
  return { ...item, advice: error, advice_code: error_code, advice_params: error_params };
}
