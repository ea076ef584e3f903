import { type SQL, sql } from "drizzle-orm";
import { aggregates, areCombined, asText, combined, named } from "./aggregates";
import { type GroupKey, keyedBy } from "./keyed-rows";
import { groupNames, type Question, rowsOf, t } from "./question";

/** With more groups, those of all buckets could be as many as rows. */
const MAX_GROUPS_OF_BUCKETS = 10_000;

/**
 * The measures of listed groups and of the others: those of the whole period if `isWhole`, and with an interval those of
 * each bucket. `k` is the place in the list from 0, or null for the others; `t` is null for the whole period.
 * @param groupCount the number of all groups
 */
export function detailStatement(
  question: Question,
  from: SQL,
  listed: readonly GroupKey[],
  { isWhole, groupCount }: { readonly isWhole: boolean; readonly groupCount: number },
): SQL {
  const names = groupNames(question);
  const list = aggregates(question);
  const isPrepared = areCombined(list) && groupCount <= MAX_GROUPS_OF_BUCKETS;
  const keys = sql.join([t, ...names], sql`, `);
  // Comparing every row with the listed groups takes longer than grouping them all.
  const source = isPrepared ? sql`(select ${keys}, ${named(list)} from numbers group by ${keys})` : sql`numbers`;
  const sets = [...(question.width ? [sql`(t, k)`] : []), ...(isWhole ? [sql`(k)`] : [])];
  const whole = question.width ? sql`grouping(t)` : sql`1`;
  // The measures of listed groups in the whole period are known.
  const onlyOthers = question.width ? sql`` : sql`where k is null`;
  return sql`
    with ${rowsOf(question, from)},
    keyed as (${keyedBy(question, source, listed)})
    select ${question.width ? sql`t` : sql`null as t`}, k, ${whole} as is_whole,
      ${asText(isPrepared ? combined(list) : list)}
    from keyed ${onlyOthers}
    group by grouping sets (${sql.join(sets, sql`, `)})
    order by ${question.width ? sql`t nulls last,` : sql``} k nulls last`;
}
