import type { RouterOutputs } from "../trpc";
import type { TopValue } from "./top-values";

type Traffic = RouterOutputs["overview"]["traffic"];

/** Returns the values and the rows without a value, sorted by count; null before the first result. */
export function listOf(values: Traffic["paths"] | undefined): TopValue[] | null {
  const rows = rowsOf(values?.values);
  if (!rows || !values || values.none === 0) return rows;
  return [...rows, { value: null, rows: values.none, time: null }].sort((a, b) => b.rows - a.rows);
}

export function rowsOf(values: Traffic["slowest"] | undefined): TopValue[] | null {
  return values?.map(({ value, rows, mean_time }) => ({ value, rows, time: mean_time })) ?? null;
}
