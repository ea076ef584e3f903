import { setFlagsFromString } from "node:v8";
import { errorValue } from "@/server/catalog/errors";
import { renderError } from "@/server/lib/error-text";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { openContext } from "@/server/process/open-context";
import { describeError } from "@/server/process/run-main";
import { StartError } from "@/server/process/start-error";
import { stopSignal } from "@/server/process/stop-signal";
import { IngestError } from "@/server/services/intake";
import type { IngestResult } from "@/server/services/intake/contract";
import { resolveMapping } from "@/server/services/mappings";
import { type FileIntake, type IngestFlags, ingestFile, renderResult, waitingLines } from "./ingest-file";
import { openInput } from "./input";
import { findInputFiles, type InputFiles } from "./input-files";

/**
 * The percentage by which the heap may grow before the next full collection. With V8's default on a machine with much
 * memory, the heap of a long intake grows to 200 MB while 30 MB are in use.
 */
export const HEAP_GROWTH = 20;

/**
 * Ingests files, patterns that match files, or standard input for `-`. One file has one line of JSON on stdout; several
 * have one each, then one with the totals, and a file that fails does not stop the others.
 * @throws StartError with a line for the user
 */
export async function ingestFiles(names: readonly string[], flags: IngestFlags): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  const signal = stopSignal();
  const inputs = await findInputFiles(names);
  const [name] = names;
  const isOne = names.length === 1 && name !== undefined && inputs.files[0] === name;
  // A file that cannot be read needs no database.
  const first = isOne ? await openInput(name) : undefined;
  const { context, close } = await openContext("cli");
  try {
    const mapping = flags.map === undefined ? undefined : await resolveMapping(context, flags.map, flags.table);
    const shared = { flags, mapping, signal };
    if (first) {
      const result = await ingestFile(context, first, { ...shared, note });
      print(renderResult(result));
      for (const line of await waitingLines(context, result.queued)) note(line);
      requireRows(result);
    } else await ingestAll(context, inputs, shared);
  } catch (error) {
    throw explain(context, error);
  } finally {
    await close();
  }
}

type Shared = Omit<FileIntake, "note">;

async function ingestAll(ctx: Context, { files, unmatched, repeated }: InputFiles, shared: Shared): Promise<void> {
  const total = makeTotal();
  for (const pattern of unmatched) {
    note(`${pattern}: no file matches.`);
    total.add(undefined, true);
  }
  for (const file of repeated) note(`${file}: the same file was named before; it is read once.`);
  let waiting = 0;
  for (const [index, file] of files.entries()) {
    const outcome = await ingestOne(ctx, file, shared);
    print(outcome.line);
    total.add(outcome.taken, outcome.isFailed);
    waiting += outcome.taken?.queued ?? 0;
    // What stopped this file would stop all others too.
    const rest = files.length - index - 1;
    if (rest > 0 && (outcome.isUnavailable || shared.signal.aborted)) {
      note(`${rest} files were not read.`);
      total.skip(rest);
      break;
    }
  }
  print(total.sums());
  for (const line of await waitingLines(ctx, waiting).catch(() => [])) note(line);
  const { failed, not_read } = total.sums();
  if (failed + not_read > 0) throw new StartError(`${failed + not_read} of ${files.length + unmatched.length} failed.`);
}

interface Outcome {
  readonly line: object;
  /** What was stored, also of a file that failed. */
  readonly taken?: IngestResult;
  readonly isFailed: boolean;
  readonly isUnavailable: boolean;
}

async function ingestOne(ctx: Context, file: string, shared: Shared): Promise<Outcome> {
  const noteFile = (line: string) => note(`${file}: ${line}`);
  try {
    const input = await openInput(file);
    const result = await ingestFile(ctx, input, { ...shared, note: noteFile });
    if (result.status === "failed") noteFile(renderError(errorValue("intake.none_stored", {})));
    const line = { file, ...renderResult(result) };
    return { line, taken: result, isFailed: result.status === "failed", isUnavailable: false };
  } catch (error) {
    const isUnavailable = error instanceof AppError && error.kind === "UNAVAILABLE";
    const message = describeError(explain(ctx, error));
    note(message.startsWith(file) ? message : `${file}: ${message}`);
    const taken = error instanceof IngestError ? error.taken : undefined;
    const line = { file, ...(taken && renderResult(taken)), status: "failed", error: message };
    return { line, taken, isFailed: true, isUnavailable };
  }
}

/** Sums the results of several files. */
export function makeTotal() {
  const sums = {
    files: 0,
    failed: 0,
    not_read: 0,
    received: 0,
    queued: 0,
    inserted: 0,
    duplicates: 0,
    rejected: 0,
    dropped: 0,
  };
  return {
    add: (taken: IngestResult | undefined, isFailed: boolean) => {
      sums.files++;
      if (isFailed) sums.failed++;
      for (const count of ["received", "queued", "inserted", "duplicates", "rejected", "dropped"] as const)
        sums[count] += taken?.[count] ?? 0;
    },
    skip: (files: number) => {
      sums.files += files;
      sums.not_read += files;
    },
    sums: () => sums,
  };
}

function requireRows(result: IngestResult): void {
  if (result.status === "failed") throw new StartError(renderError(errorValue("intake.none_stored", {})));
}

/** Invalid file contents are not a usage error: the exit code is 1. */
function explain(ctx: Context, error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  if (error.kind === "INTERNAL") ctx.log.error({ err: error.cause });
  return new StartError(error.message, { cause: error });
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
