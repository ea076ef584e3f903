import { hash } from "node:crypto";
import type { LogTableName } from "@/server/catalog";
import type { SqlExecutor, Transaction } from "@/server/db/client";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { DeadLetterDraft } from "../batch";
import { redactOriginal } from "../rules/rule-set";

/**
 * Stores dead letters inside `tx`, redacted. For an existing one (from the same file again) the attempts are incremented.
 * Lists begin with the last seen. The letters of an import are seen at its start, each line a microsecond before the
 * previous line, so that they are listed in the order of the file.
 */
export async function writeDeadLetters(
  tx: Transaction,
  queue: LogTableName,
  drafts: readonly DeadLetterDraft[],
): Promise<void> {
  if (drafts.length === 0) return;
  const letters = [...new Map(drafts.map((draft) => [draft.id, draft])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const headers = await writeHeaders(tx, letters);
  const payloads: string[] = [];
  const slice = makeTimeSlice();
  for (const { payload, rules } of letters) payloads.push(await redactOriginal(payload, rules, slice));
  await tx`
    insert into dead_letters as known
      (id, queue, payload, format, csv_header_id, mapping, error, source, line, import_id, first_seen_at, last_seen_at)
    select
      letter.id, ${queue}, payload, letter.format, csv_header_id, letter.mapping, letter.error::jsonb::text, letter.source, line, import_id,
      seen.at, seen.at
    from unnest(
      ${letters.map((letter) => letter.id)}::uuid[],
      ${payloads}::text[],
      ${letters.map((letter) => letter.format)}::text[],
      ${letters.map(({ csvHeader }) => (csvHeader === null ? null : (headers.get(csvHeader) ?? null)))}::uuid[],
      ${letters.map((letter) => letter.mapping)}::text[],
      ${letters.map((letter) => JSON.stringify(letter.error))}::text[],
      ${letters.map((letter) => letter.source)}::text[],
      ${letters.map((letter) => letter.line)}::bigint[],
      ${letters.map((letter) => letter.importId)}::integer[]
    ) as letter (id, payload, format, csv_header_id, mapping, error, source, line, import_id)
    left join imports on imports.id = import_id
    cross join lateral (
      select coalesce(imports.started_at, now()) - coalesce(line, 0) * interval '1 microsecond' as at
    ) as seen
    order by letter.id
    on conflict (id) do update set
      attempts = known.attempts + 1,
      last_seen_at = excluded.last_seen_at,
      error = excluded.error,
      source = excluded.source,
      line = excluded.line`;
}

/** Stores the header rows of the letters. @returns their ids */
async function writeHeaders(tx: Transaction, letters: readonly DeadLetterDraft[]): Promise<Map<string, string>> {
  const texts = new Set(letters.flatMap(({ csvHeader }) => csvHeader ?? []));
  const headers = new Map([...texts].map((text) => [text, hash("md5", text)]));
  if (headers.size === 0) return headers;
  const ids = [...headers.values()];
  for (let locked = 0; locked < ids.length; ) {
    await tx`
      insert into csv_headers (id, header)
      select id, header from unnest(${ids}::uuid[], ${[...headers.keys()]}::text[]) as header (id, header)
      order by id
      on conflict (id) do nothing`;
    // An existing row may be deleted before it is locked.
    const rows = await tx`select id from csv_headers where id = any(${ids}::uuid[]) order by id for key share`;
    locked = rows.length;
  }
  return headers;
}

/** Deletes header rows without dead letters; those of dead letters being written are not deleted. */
export async function deleteUnusedHeaders(sql: SqlExecutor): Promise<void> {
  const unused = sql`
    delete from csv_headers
    where id in (
      select id from csv_headers as header
      where not exists (select from dead_letters where csv_header_id = header.id)
      for update skip locked
    )`;
  await unused.catch((error: unknown) => {
    // A concurrent letter references one of them; the next run deletes the others.
    if (causeCode(error) !== SQLSTATE.foreignKeyViolation) throw error;
  });
}
