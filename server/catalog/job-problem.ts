import { type PhraseValues, phrasesOf } from "./phrases";

/**
 * Why a job ended without doing its work, or was not begun, and what is wrong with an archive: what a job's `error`
 * and a refusal say. They are listed here, so that the interface can tell them apart and say them in other languages.
 * A `{reason}` is another of them, or any words.
 */
export const JOB_PROBLEMS = {
  cancelled: "Cancelled by {name}.",
  worker_died: "Its worker died {times} times.",
  too_long: "It took longer than its limit of {hours} hours.",
  connection_broke: "The connection to PostgreSQL broke under it again and again.",
  too_many_rows: "The export has more rows than the limit of {limit}. Narrow the time range or the filters.",
  disk_full: "The disk with the exports is full. Make room there and start the export again.",
  no_room: "The disk with the exports has no room for this file. Make room there first.",
  many_jobs: "You have {count} unfinished jobs; wait for some to end.",
  busy: "The {kind} job {job}, started by {name}, is at this already. Wait for it or cancel it.",
  table_busy: "A cleanup or restore of {table} is running already. Wait for its end, or cancel it.",
  clock_differs:
    "The clock of this machine differs from PostgreSQL's by {seconds} seconds. Nothing was deleted; synchronize the clocks.",
  has_ended: "The job had already finished: {status}.",
  cleanup_ended: "The cleanup of {table} (job {job}): {reason}",
  archive_no_room:
    "There is no room left for the archive. No row was deleted that is not archived; make room and run it again.",
  archive_unwritable: "The archive cannot be written ({code}). No row was deleted that is not archived.",
  archive_unreachable: "The archive's file cannot be read at the moment ({code}).",
  archive_broke: "An archive became unreadable in the middle. {reason} No row was deleted that it did not have.",
  archive_expired: "The archive's file was removed when its retention ended.",
  archive_damaged: "The archive cannot be restored. {reason}",
  archive_without_rows: "The archive holds no row of that period.",
  archive_checksum: "The file is not what was written: its checksum differs.",
  archive_rows: "The file holds {rows} rows instead of {expected}.",
  archive_missing: "The file is not there.",
  archive_unreadable: "The file cannot be read to its end.",
  archive_gone: "The archive's file is not there. Verify it to have that recorded.",
  archive_columns: "The archive has columns that the table has no more: {names}.",
  database_away: "The database cannot be reached. Nothing was lost; try again shortly.",
  database_full: "The database's disk is full. Nothing was lost; make room and try again.",
  database_busy: "The database has no capacity left at the moment. Nothing was lost; try again shortly.",
  database_read_only: "The database is read-only at the moment. Nothing was lost; try again shortly.",
  database_faulty: "The database reports a fault of its storage. Its administrator finds the details in its log.",
  database_denied: "The database account of this installation lacks a permission. Its administrator can grant it.",
  database_conflict: "Other work changed the same data at the same moment. Try again.",
  locked: "The table is locked by other work at the moment. Try again shortly.",
  too_slow: "The query took too long and was stopped. Narrow the time range or filters.",
  no_task: "There is no such task yet; it appears when a worker has started.",
  invalid: "The request is not valid.",
  internal: "Something went wrong on our side. The log holds the details.",
} as const;

export type JobProblem = keyof typeof JOB_PROBLEMS;

const phrases = phrasesOf(JOB_PROBLEMS);

/** The words of a reason, with `{…}` filled in. */
export function jobProblemText(problem: JobProblem, values?: PhraseValues): string {
  return phrases.say(problem, values);
}

/** The reason and the values behind a job's `error`; undefined for other words. */
export function readJobProblem(
  text: string,
): { problem: JobProblem; values: Readonly<Record<string, string>> } | undefined {
  const found = phrases.read(text);
  return found && { problem: found.key, values: found.values };
}
