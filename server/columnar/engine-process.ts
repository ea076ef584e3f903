import { type ChildProcess, fork } from "node:child_process";
import { Socket } from "node:net";
import path from "node:path";
import type { Logger } from "pino";
import { recordEngine, recordEngineMemory } from "@/server/process/counts";
import type { ColumnarRow } from "./engine";
import { engineFailed, failureError } from "./failure-error";
import type { ColumnarParam, EngineReply, EngineRequest, EngineSettings } from "./messages";
import { makeRun, type Run } from "./statement-run";

const PING_MS = 1_000;
/** V8's part of the process: blocks of rows, which are short-lived. */
const HEAP_MB = 64;
/** For DuckDB's statements, each of which occupies a thread of Node.js while it runs. */
const NODE_THREADS = 8;
/** Of DuckDB's allocator: returns freed memory to the system sooner, which lowers the peak by 5 %. */
const ALLOCATOR = "dirty_decay_ms:100,muzzy_decay_ms:0";
const STDERR_CHARACTERS = 1_000;

export interface EngineTimeouts {
  /** A process that has not started after so long is replaced. It may not answer before. */
  readonly startMs: number;
  /** A process that has not answered for so long is replaced. */
  readonly answerMs: number;
  /** A process that has not cancelled a statement for so long is replaced. */
  readonly cancelMs: number;
}

export const TIMEOUTS: EngineTimeouts = { startMs: 60_000, answerMs: 10_000, cancelMs: 30_000 };

/** A statement as text with parameters. */
export interface BoundStatement {
  readonly text: string;
  readonly params: readonly ColumnarParam[];
}

export interface EngineProcess {
  /** Whether it can run further statements. */
  isUsable(): boolean;
  hasOpened(): boolean;
  /** @throws AppError columnar.engine_failed */
  readonly opened: Promise<void>;
  readonly ended: Promise<void>;
  run(statement: BoundStatement): Run;
  /** Ends the process at once. */
  stop(): Promise<void>;
}

/** Starts the program that runs DuckDB. It does not keep this process alive while it has no statement. */
export function startEngineProcess(settings: EngineSettings, log: Logger, timeouts: EngineTimeouts): EngineProcess {
  const child = forkProgram();
  const runs = new Map<number, Run>();
  recordEngine("start");
  let lastId = 0;
  let isOpen = false;
  let isStopping = false;
  let isUsable = true;
  let missedPings = 0;
  let output = "";

  const send = (request: EngineRequest) => {
    if (child.connected) child.send(request, () => {});
  };
  const hold = () => {
    if (!isOpen || runs.size > 0) child.channel?.ref();
    else child.channel?.unref();
  };
  const replace = (reason: string) => {
    log.error({ pid: child.pid, reason }, "The query engine is replaced.");
    isUsable = false;
    child.kill("SIGKILL");
  };

  let onOpened = () => {};
  let onStartFailed = (_error: Error) => {};
  const opened = new Promise<void>((resolve, reject) => {
    onOpened = resolve;
    onStartFailed = reject;
  });
  // Statements that wait for it handle its failure.
  opened.catch(() => {});
  const startTimer = setTimeout(() => replace("it did not start in time"), timeouts.startMs).unref();
  const pings = setInterval(() => {
    if (isOpen && ++missedPings * PING_MS > timeouts.answerMs) replace("it did not answer in time");
    send({ type: "ping" });
  }, PING_MS).unref();

  child.on("message", (reply: EngineReply) => {
    missedPings = 0;
    if (reply.type === "opened") {
      isOpen = true;
      clearTimeout(startTimer);
      onOpened();
    } else if (reply.type === "closing") {
      isUsable = false;
      log.error({ pid: child.pid, reason: reply.failure.message }, "The query engine is replaced.");
      for (const run of [...runs.values()]) run.end(failureError(reply.failure));
    } else if (reply.type === "pong") {
      if (isUsable) recordEngineMemory(reply.memoryBytes);
    } else {
      const run = runs.get(reply.id);
      if (reply.type === "block") run?.addBlock(rowsOf(reply));
      else if (reply.type === "done") run?.end();
      else run?.end(failureError(reply.failure));
    }
    hold();
  });
  child.stderr?.on("data", (data: Buffer) => {
    output = (output + data.toString()).slice(-STDERR_CHARACTERS);
  });

  const ended = new Promise<void>((resolve) => {
    const onEnd = (end: string) => {
      isUsable = false;
      clearTimeout(startTimer);
      clearInterval(pings);
      recordEngineMemory(0);
      if (!isStopping) recordEngine("failure");
      if (!isStopping) log.error({ end, output, statements: runs.size }, "The query engine ended.");
      const error = engineFailed(`the process ended: ${end}`);
      onStartFailed(error);
      for (const run of runs.values()) run.end(error);
      resolve();
    };
    child.once("error", (error) => onEnd(error.message));
    child.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`));
  });

  send({ type: "open", settings });
  hold();
  return {
    opened,
    ended,
    hasOpened: () => isOpen,
    isUsable: () => isUsable && child.connected,
    run({ text, params }) {
      const id = ++lastId;
      const run = makeRun({
        requestBlock: () => send({ type: "more", id }),
        requestCancel: () => {
          send({ type: "cancel", id });
          const timer = setTimeout(() => replace("it did not cancel a statement in time"), timeouts.cancelMs).unref();
          void run.ended.then(() => clearTimeout(timer));
        },
      });
      runs.set(id, run);
      void run.ended.then(() => {
        runs.delete(id);
        hold();
      });
      if (child.connected) send({ type: "run", id, text, params });
      else run.end(engineFailed("the process has ended"));
      hold();
      return run;
    },
    stop() {
      isStopping = true;
      isUsable = false;
      child.kill("SIGKILL");
      return ended;
    },
  };
}

function forkProgram(): ChildProcess {
  const launcher = path.resolve(/* turbopackIgnore: true */ process.cwd(), "server/process/run.mjs");
  // Without secrets of this process.
  const { PATH, NODE_ENV, PROGRAM_FOLDER, TMPDIR, LD_LIBRARY_PATH } = process.env;
  const child = fork(launcher, ["explore"], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, "--expose-gc"],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: {
      PATH,
      NODE_ENV,
      PROGRAM_FOLDER,
      TMPDIR,
      LD_LIBRARY_PATH,
      TZ: "UTC",
      UV_THREADPOOL_SIZE: String(NODE_THREADS),
      DUCKDB_JE_MALLOC_CONF: ALLOCATOR,
    },
  });
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return child;
}

function rowsOf({ columns, rows }: Extract<EngineReply, { type: "block" }>): ColumnarRow[] {
  return rows.map((values) => Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null])));
}
