import { type SQL, sql } from "drizzle-orm";
import { aggregates, areCombined, asText, changeOf, combined, named } from "./aggregates";
import { counted, countedInput, weighed } from "./counted-values";
import { groupNames, partName, type Question, rowsOf } from "./question";

/**
 * The first groups in their order (`s` is 0), the row of all (1), and that of the others (2). If a measure cannot be
 * combined, such as distinct values, there is no row of the others, which detailStatement returns.
 */
export function groupsStatement(question: Question, from: SQL): SQL {
  const names = groupNames(question);
  const list = aggregates(question);
  const input = countedInput(question, list);
  const withCombined = list.filter(({ combined }) => combined !== undefined);
  const rows = input
    ? sql`${rowsOf(question, from)}, counts as materialized (${counted(names, input, withCombined, sql`numbers`)})`
    : rowsOf(question, from);
  /** All rows of `source`, which are counted values or groups. */
  const whole = (source: SQL) =>
    input
      ? sql`select ${asText(combined(list))}
          from ${weighed([], input, sql`(${counted([], input, combined(withCombined), source)})`)} as weighed`
      : sql`select ${asText(combined(list))} from ${source}`;
  if (names.length === 0)
    return sql`with ${rows}, total as (${input ? whole(sql`counts`) : sql`select ${asText(list)} from numbers`})
      select 1 as s, 0 as place, 0 as group_count, total.* from total`;
  const order = [
    ...ranksOf(question).map((rank) => sql`${rank} ${sql.raw(question.order.direction)} nulls last`),
    ...names.map((name) => sql`${name} asc nulls last`),
  ];
  const groups = input
    ? sql`${named(combined(list))} from ${weighed(names, input, sql`counts`)} as weighed`
    : sql`${named(list)} from numbers`;
  const source = input ? sql`counts` : sql`grouped`;
  const isWhole = input !== undefined || areCombined(list);
  const isListed = names.map((name) => sql`${source}.${name} is not distinct from listed.${name}`);
  const noNames = sql.join(
    names.map((name) => sql`null as ${name}`),
    sql`, `,
  );
  // Windows and grouping sets over all groups would need memory and time for them, of which there can be millions.
  return sql`
    with ${rows},
    grouped as materialized (select ${sql.join([...names], sql`, `)}, ${groups} group by ${sql.join(names, sql`, `)}),
    listed as materialized (
      select *, row_number() over (order by ${sql.join(order, sql`, `)}) as place
      from (
        select * from grouped where n > 0 order by ${sql.join(order, sql`, `)} limit ${sql.raw(String(question.limit))}
      )
    ),
    group_counts as (select count(*) filter (where n > 0) as group_count from grouped),
    total as (${isWhole ? whole(source) : sql`select ${asText(list)} from numbers`})
    ${isWhole ? sql`, others as (${whole(sql`(select ${source}.* from ${source} anti join listed on ${sql.join(isListed, sql` and `)}) as rest`)})` : sql``}
    select * from (
    select 1 as s, 0 as place, group_count, ${noNames}, total.* from group_counts, total
    union all
    select 0, place, 0, ${sql.join(names, sql`, `)}, ${asText(list.map(({ name }) => ({ name, value: sql.raw(name) })))} from listed
    ${isWhole ? sql`union all select 2, 0, 0, ${noNames}, others.* from others` : sql``}
    ) as found order by s, place`;
}

/** By what groups are ranked, from the parts of their measures: those with the same change by their values. */
function ranksOf({ measures, order }: Question): SQL[] {
  const measure = measures[order.measure];
  const valueIn = (isOld: boolean) => {
    const parts = [0, 1].map((part) => sql.raw(partName(order.measure, part, isOld)));
    return measure?.rank?.(parts) ?? parts[0] ?? sql`0`;
  };
  return [...(order.by === "change" ? [changeOf(valueIn(false), valueIn(true))] : []), valueIn(false)];
}
