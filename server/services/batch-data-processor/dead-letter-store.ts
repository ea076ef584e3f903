import type { LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { DeadLetterDraft } from "./types";

/** Keeps dead letters inside `tx`. One that is there already (the same file again) is an attempt more. */
export async function writeDeadLetters(
  tx: Transaction,
  queue: LogTableName,
  drafts: readonly DeadLetterDraft[],
): Promise<void> {
  if (drafts.length === 0) return;
  const letters = [...new Map(drafts.map((draft) => [draft.id, draft])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  await tx`
    insert into dead_letters as known (id, queue, payload, format, csv_header, error, source, line)
    select id, ${queue}, payload, format, csv_header, error, source, line
    from unnest(
      ${letters.map((letter) => letter.id)}::uuid[],
      ${letters.map((letter) => letter.payload)}::text[],
      ${letters.map((letter) => letter.format)}::text[],
      ${letters.map((letter) => letter.csvHeader)}::text[],
      ${letters.map((letter) => letter.error)}::text[],
      ${letters.map((letter) => letter.source)}::text[],
      ${letters.map((letter) => letter.line)}::bigint[]
    ) as letter (id, payload, format, csv_header, error, source, line)
    on conflict (id) do update set
      attempts = known.attempts + 1,
      last_seen_at = now(),
      error = excluded.error,
      source = excluded.source,
      line = excluded.line`;
}
