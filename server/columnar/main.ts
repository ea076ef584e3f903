import { setPriority } from "node:os";
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBResult,
  ResultReturnType,
} from "@duckdb/node-api";
import type { ColumnarValue } from "./engine";
import { classify } from "./failures";
import type { ColumnarParam, EngineReply, EngineRequest, EngineSettings, FailureKind } from "./messages";
import { isReadable, readValue } from "./values";

/** Process entry point: runs statements in DuckDB for the process that forked it. */

/** Memory of the process beyond what DuckDB's limit counts: Node.js, libraries, and blocks allocated past the limit. */
const OVERHEAD_BYTES = 250e6;
const MEMORY_CHECK_MS = 100;
const INTERRUPT_EVERY_MS = 20;
/** The size of a message, so that neither process is occupied with one for long. */
const BLOCK_CHARACTERS = 500_000;
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
setPriority(PRIORITY);

process.on("message", (request: EngineRequest) => {
  if (request.type === "open") open(request.settings);
  else if (request.type === "ping") send({ type: "pong" });
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
    if (process.memoryUsage.rss() > settings.memoryBytes) failAll("out_of_memory", "the process exceeds its limit");
  }, MEMORY_CHECK_MS);
}

async function openDatabase(settings: EngineSettings): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${Math.round((settings.memoryBytes - OVERHEAD_BYTES) / 1e6)}MB`,
    threads: String(settings.threads),
    temp_directory: settings.spillFolder,
    max_temp_directory_size: `${Math.round(settings.spillBytes / 1e6)}MB`,
    preserve_insertion_order: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  const folders = settings.folders.map((folder) => `'${folder.replaceAll("'", "''")}/'`);
  await connection.run("set global TimeZone = 'UTC'");
  await connection.run(`set global allowed_directories = [${folders.join(", ")}]`);
  await connection.run("set global enable_external_access = false");
  await connection.run("set global lock_configuration = true");
  connection.disconnectSync();
  return instance;
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
    const result = await connection.stream(text, [...params]);
    await sendResult(id, statement, result);
    if (result.returnType === ResultReturnType.INVALID) throw await findError(connection, statement, text, params);
    send({ type: "done", id });
  } catch (error) {
    send({ type: "failed", id, failure: classify(messageOf(error)) });
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
    for (const rows of blocksOf(chunk)) {
      await waitForCredit(statement);
      statement.credit--;
      send({ type: "block", id, columns, rows });
    }
  }
}

function* blocksOf(chunk: DuckDBDataChunk): Generator<ColumnarValue[][]> {
  const vectors = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index));
  let rows: ColumnarValue[][] = [];
  let size = 0;
  for (let index = 0; index < chunk.rowCount; index++) {
    const row = vectors.map((vector) => readValue(vector.getItem(index)));
    rows.push(row);
    for (const value of row) size += typeof value === "string" ? value.length : 8;
    if (size < BLOCK_CHARACTERS) continue;
    yield rows;
    rows = [];
    size = 0;
  }
  if (rows.length > 0) yield rows;
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
 * Returns the error of a streaming result that failed after its first chunk. The result itself ends like a complete one
 * and the package does not return its error, so that the statement runs again, without returning rows.
 */
async function findError(
  connection: DuckDBConnection,
  { isCancelled }: Statement,
  text: string,
  params: readonly ColumnarParam[],
): Promise<unknown> {
  if (isCancelled) return new Error("Cancelled.");
  try {
    await connection.run(`explain analyze ${text}`, [...params]);
  } catch (error) {
    return error;
  }
  return new Error("FATAL Error: The result ended early.");
}

/** Interrupts again until the statement ends: DuckDB ignores an interrupt between two phases of a statement. */
function cancel(statement: Statement): void {
  statement.isCancelled = true;
  statement.connection?.interrupt();
  statement.interrupts ??= setInterval(() => statement.connection?.interrupt(), INTERRUPT_EVERY_MS);
}

function failAll(kind: FailureKind, message: string): void {
  for (const id of statements.keys()) send({ type: "failed", id, failure: { kind, message } });
  process.send?.({ type: "pong" } satisfies EngineReply, undefined, undefined, endProcess);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
