import { type SQL, sql } from "drizzle-orm";
import { type Aggregate, areCombined, type NamedValue, named } from "./aggregates";
import { inputIndex, inputName, isBefore, type Question } from "./question";

/** The values of which all percentiles of a question are, if its other measures can be combined. */
export function countedInput(question: Question, list: readonly Aggregate[]): SQL | undefined {
  if (areCombined(list) || list.some((one) => one.combined === undefined && one.ofCounts === undefined))
    return undefined;
  const inputs = question.measures.flatMap(({ percent }, index) => (percent ? [inputIndex(question, index)] : []));
  const [first] = inputs;
  return first !== undefined && inputs.every((input) => input === first) ? inputName(first) : undefined;
}

/** Groups rows by keys and a value: the combined aggregates of each, of which `n_both` is the number of rows. */
export function counted(keys: readonly SQL[], input: SQL, values: readonly NamedValue[], from: SQL): SQL {
  const all = sql.join([...keys, isBefore, input], sql`, `);
  return sql`select ${all}, ${named(values)} from ${from} group by ${all}`;
}

/** Counted values with the number of rows of their group: with a smaller or the same value, and with any. */
export function weighed(keys: readonly SQL[], input: SQL, from: SQL): SQL {
  const partition = sql`partition by ${sql.join([...keys, isBefore], sql`, `)}`;
  const rows = sql`sum(n_both) filter (where ${input} is not null)`;
  return sql`(
    select *, ${rows} over (${partition} order by ${input}) as reached, ${rows} over (${partition}) as valued
    from ${from}
  )`;
}
