import { setPriority } from "node:os";
import { type DuckDBConnection, type DuckDBInstance, type DuckDBResult, ResultReturnType } from "@duckdb/node-api";
import { openDatabase } from "./database";
import { classify } from "./failures";
import type { ColumnarParam, EngineFailure, EngineReply, EngineRequest, EngineSettings } from "./messages";
import { blocksOf, freeChunks } from "./result-blocks";
import { isReadable } from "./values";

/** Process entry point: runs statements in DuckDB for the process that forked it. */

const MEMORY_CHECK_MS = 50;
/** The part of the limit at which the process ends, because it grows further until the next check. */
const MEMORY_SHARE = 0.98;
const INTERRUPT_EVERY_MS = 20;
/** Behind the processes that serve pages and store events. */
const PRIORITY = 5;

interface Statement {
  connection?: DuckDBConnection;
  /** Blocks that the client is ready to receive. */
  credit: number;
  isCancelled: boolean;
  wake: () => void;
  interrupts?: NodeJS.Timeout;
}

const statements = new Map<number, Statement>();
let opening: Promise<DuckDBInstance> | undefined;

const send = (reply: EngineReply) => void process.send?.(reply, undefined, undefined, () => {});
/** Ends at once, also while threads of DuckDB are running. */
const endProcess = () => process.kill(process.pid, "SIGKILL");

process.once("disconnect", endProcess);
// They are sent to all processes of a terminal. The client ends this process when it needs it no longer.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});
try {
  setPriority(PRIORITY);
} catch {
  // A sandbox forbids it.
}

process.on("message", (request: EngineRequest) => {
  if (request.type === "open") open(request.settings);
  else if (request.type === "ping") send({ type: "pong", memoryBytes: process.memoryUsage.rss() });
  else if (request.type === "run") void run(request.id, request.text, request.params);
  else {
    const statement = statements.get(request.id);
    if (!statement) return;
    if (request.type === "more") statement.credit++;
    else cancel(statement);
    statement.wake();
  }
});
if (!process.connected) endProcess();

function open(settings: EngineSettings): void {
  opening = openDatabase(settings);
  opening.then(
    () => send({ type: "opened" }),
    (error: unknown) => {
      process.stderr.write(`${messageOf(error)}\n`, () => process.exit(1));
    },
  );
  setInterval(() => {
    if (process.memoryUsage.rss() > settings.memoryBytes * MEMORY_SHARE)
      close({ kind: "out_of_memory", message: "The process exceeds its limit." });
  }, MEMORY_CHECK_MS);
}

/** Ends the process, because it exceeds its limit or DuckDB cannot continue. */
function close(failure: EngineFailure): void {
  process.send?.({ type: "closing", failure } satisfies EngineReply, undefined, undefined, endProcess);
}

async function run(id: number, text: string, params: readonly ColumnarParam[]): Promise<void> {
  const statement: Statement = { credit: 0, isCancelled: false, wake: () => {} };
  // Before anything is awaited, because messages about it follow.
  statements.set(id, statement);
  try {
    const instance = await opening;
    if (!instance) throw new Error("The database is not open.");
    const connection = await instance.connect();
    statement.connection = connection;
    if (statement.isCancelled) throw new Error("Cancelled.");
    // Only rows are streamed. Another statement reports its error when it runs.
    const isQuery = /^\s*(select|with|from|\()/i.test(text);
    const result = await (isQuery ? connection.stream(text, [...params]) : connection.run(text, [...params]));
    try {
      await sendResult(id, statement, result);
    } catch (error) {
      // Frees its memory, which a result that is only dropped occupies until it is garbage-collected.
      connection.interrupt();
      await result.fetchChunk();
      throw error;
    }
    if (result.returnType !== ResultReturnType.INVALID) send({ type: "done", id });
    else if (statement.isCancelled) throw new Error("Cancelled.");
    else send({ type: "failed", id, failure: await findFailure(connection, text, params) });
  } catch (error) {
    const failure = classify(messageOf(error));
    if (failure.kind === "engine_failed") close(failure);
    else send({ type: "failed", id, failure });
  } finally {
    statements.delete(id);
    clearInterval(statement.interrupts);
    statement.connection?.disconnectSync();
  }
}

async function sendResult(id: number, statement: Statement, result: DuckDBResult): Promise<void> {
  const columns = result.deduplicatedColumnNames();
  const unreadable = result.columnTypes().find((type) => !isReadable(type));
  if (unreadable) throw new Error(`Values of type ${unreadable} cannot be returned.`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    for (const { rows, bytes } of blocksOf(chunk)) {
      await waitForCredit(statement);
      statement.credit--;
      send({ type: "block", id, columns, rows });
      freeChunks(bytes);
    }
  }
}

async function waitForCredit(statement: Statement): Promise<void> {
  while (statement.credit === 0 && !statement.isCancelled) {
    await new Promise<void>((resolve) => {
      statement.wake = resolve;
    });
  }
  if (statement.isCancelled) throw new Error("Cancelled.");
}

/**
 * Returns the failure of a streaming result after its first chunk. The result itself ends like a complete one
 * and the package does not return its error, so that the statement runs again, without returning rows.
 */
async function findFailure(
  connection: DuckDBConnection,
  text: string,
  params: readonly ColumnarParam[],
): Promise<EngineFailure> {
  try {
    await connection.run(`explain analyze ${text}`, [...params]);
  } catch (error) {
    return classify(messageOf(error));
  }
  return { kind: "engine_failed", message: "The result ended early." };
}

/** Interrupts again until the statement ends: DuckDB ignores an interrupt between two phases of a statement. */
function cancel(statement: Statement): void {
  statement.isCancelled = true;
  statement.connection?.interrupt();
  statement.interrupts ??= setInterval(() => statement.connection?.interrupt(), INTERRUPT_EVERY_MS);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
