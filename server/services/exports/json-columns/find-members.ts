import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type JsonColumnType, MAX_JSON_COLUMNS } from "../contract";
import { type JsonMember, memberJson } from "./members";

/** Deeper objects become one column with their JSON. */
const MAX_DEPTH = 6;

/** What to find: the types of members, or all members of JSON columns. */
export type MembersToFind =
  | { readonly members: readonly { readonly member: JsonMember; readonly type?: JsonColumnType | undefined }[] }
  | { readonly columns: readonly string[] };

export interface FoundMember {
  readonly member: JsonMember;
  readonly type: JsonColumnType;
}

export interface FoundMembers {
  readonly members: readonly FoundMember[];
  /** Members without a column, because there are more than MAX_JSON_COLUMNS. */
  readonly omitted: number;
}

/**
 * Selects one row with JSON, which readFound reads: the members in `rows`, and the types of their values.
 * @param rows a SELECT of the JSON columns
 */
export function findStatement(wanted: MembersToFind, rows: SQL): SQL {
  return "members" in wanted ? typesStatement(wanted.members, rows) : membersStatement(wanted.columns, rows);
}

/** Reads the result of findStatement. Members that have no value or values of different types become text. */
export function readFound(wanted: MembersToFind, found: string | null): FoundMembers {
  const json: unknown = JSON.parse(found ?? "null");
  if ("members" in wanted) {
    const types = foundTypes.parse(json);
    return {
      members: wanted.members.map(({ member, type }, index) => ({ member, type: type ?? typeOf(types[index] ?? 0) })),
      omitted: 0,
    };
  }
  const { total, members } = foundMembers.parse(json);
  const byColumn = (a: JsonMember, b: JsonMember) =>
    wanted.columns.indexOf(a.column) - wanted.columns.indexOf(b.column) || (isBefore(a.path, b.path) ? -1 : 1);
  return {
    members: members
      .map(({ column, path, types }) => ({ member: { column, path }, type: typeOf(types) }))
      .sort((a, b) => byColumn(a.member, b.member)),
    omitted: total - members.length,
  };
}

/** The types that a member's values have, as bits. */
const BITS = { number: 1, boolean: 2, text: 4 } as const satisfies Record<JsonColumnType, number>;

const foundTypes = z.array(z.int().nullable());
const foundMembers = z.object({
  total: z.int(),
  members: z.array(z.object({ column: z.string(), path: z.array(z.string()), types: z.int() })),
});

function typeOf(types: number): JsonColumnType {
  if (types === BITS.number) return "number";
  return types === BITS.boolean ? "boolean" : "text";
}

function isBefore(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) < JSON.stringify(b);
}

function bitsOf(json: SQL): SQL {
  return sql`case jsonb_typeof(${json})
    when 'number' then ${sql.raw(String(BITS.number))}
    when 'boolean' then ${sql.raw(String(BITS.boolean))}
    when 'null' then 0
    else ${sql.raw(String(BITS.text))}
  end`;
}

function typesStatement(members: readonly { readonly member: JsonMember }[], rows: SQL): SQL {
  const types = members.map(({ member }) => {
    const json = memberJson(member);
    return sql`bit_or(case when ${json} is not null then ${bitsOf(json)} end)`;
  });
  return sql`select to_json(array[${sql.join(types, sql`, `)}]::int[])::text as found from (${rows}) as found_rows`;
}

/** The most frequent members. */
function membersStatement(columns: readonly string[], rows: SQL): SQL {
  const documents = columns.map((name) => sql`(${name}::text, ${sql.identifier(name)})`);
  return sql`
    select json_build_object(
      'total', coalesce(max(total), 0),
      'members', coalesce(json_agg(json_build_object('column', col, 'path', path, 'types', types)), '[]')
    )::text as found
    from (
      select col, path, bit_or(${bitsOf(sql`value`)}) as types, count(*) over () as total
      from (${rows}) as found_rows
      cross join lateral (values ${sql.join(documents, sql`, `)}) as documents (col, document)
      cross join lateral (${leavesOf(sql`document`, sql`'{}'::text[]`, 1)}) as leaves (path, value)
      where value <> 'null'
      group by col, path
      order by count(*) desc, col, path
      limit ${sql.raw(String(MAX_JSON_COLUMNS))}
    ) as most_frequent`;
}

/**
 * Selects the paths and values of a document's members that are no objects, with a subquery for each level: a recursive
 * one would be started for each row.
 */
function leavesOf(document: SQL, path: SQL, depth: number): SQL {
  const members = sql.identifier(`m${depth}`);
  const value = sql`${members}.value`;
  const own = sql`${path} || ${members}.key`;
  const each = sql`jsonb_each(case jsonb_typeof(${document}) when 'object' then ${document} end) as ${members}`;
  if (depth === MAX_DEPTH) return sql`select ${own}, ${value} from ${each}`;
  const leaves = sql.identifier(`leaves${depth}`);
  return sql`
    select ${leaves}.path, ${leaves}.value
    from ${each}
    cross join lateral (
      select ${own}, ${value} where jsonb_typeof(${value}) <> 'object'
      union all
      select inner_leaves.*
      from (${leavesOf(value, own, depth + 1)}) as inner_leaves
      where jsonb_typeof(${value}) = 'object'
    ) as ${leaves} (path, value)`;
}
