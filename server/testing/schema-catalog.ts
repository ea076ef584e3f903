import type { Sql } from "@/server/db/client";

/** The columns, constraints, indexes, triggers and views of a database, except those of single partitions. */
export async function catalogOf(sql: Sql): Promise<string[]> {
  const rows = await sql<{ entry: string }[]>`
    with relations as (
      select oid, relname, relkind from pg_class
      where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p', 'v') and not relispartition
    )
    select format('%s.%s %s%s default %s', relname, attname, format_type(atttypid, atttypmod),
        case when attnotnull then ' not null' else '' end, pg_get_expr(adbin, adrelid)) as entry
    from relations
    join pg_attribute on attrelid = oid and attnum > 0 and not attisdropped
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select format('%s: %s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
    from relations join pg_constraint on conrelid = relations.oid
    union all
    select format('%s %s', pg_get_indexdef(indexrelid), case when indisvalid then 'valid' else 'invalid' end)
    from relations join pg_index on indrelid = relations.oid
    union all
    select pg_get_triggerdef(pg_trigger.oid) from relations join pg_trigger on tgrelid = relations.oid where not tgisinternal
    union all
    select format('view %s: %s', relname, pg_get_viewdef(oid)) from relations where relkind = 'v'`;
  const omitted = "__drizzle_migrations";
  return rows
    .map(({ entry }) => entry)
    .filter((entry) => !entry.includes(omitted))
    .sort();
}
