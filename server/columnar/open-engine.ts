import { rm, statfs } from "node:fs/promises";
import path from "node:path";
import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Logger } from "pino";
import { AppError } from "@/server/lib/errors";
import { unlessAborted } from "@/server/lib/unless-aborted";
import type { Config } from "@/server/process/config";
import { recordStatement } from "@/server/process/counts";
import { openClickhouse } from "./clickhouse/open-clickhouse";
import type { ColumnarEngine, ColumnarOptions, ColumnarRow } from "./engine";
import {
  type BoundStatement,
  type EngineProcess,
  type EngineTimeouts,
  startEngineProcess,
  TIMEOUTS,
} from "./engine-process";
import { engineFailed, folderError } from "./failure-error";
import type { ColumnarParam } from "./messages";
import { makeTemporaryFolders } from "./temporary-folders";
import { makeTurns } from "./turns";

/** Users' statements at once. A user with two long ones does not delay others. */
const USER_TURNS = { atOnce: 3, perUser: 2 };
/** Statements of the system, in addition. */
const SYSTEM_TURNS = { atOnce: 1, perUser: 1 };
/** Results of query() are in memory as a whole. */
const MAX_ROWS = 100_000;
/** After a failed start, statements fail at once for this time. */
const START_PAUSE_MS = 30_000;
const IDLE_MS = 5 * 60_000;
/** The part of the free disk that intermediate results may occupy. */
const SPILL_SHARE = 0.25;

type EngineConfig = Pick<Config, "dataDir" | "explore" | "filesUrl">;

export interface EngineOptions {
  readonly timeouts?: Partial<EngineTimeouts>;
  readonly idleMs?: number;
  readonly startPauseMs?: number;
  /** The time after which query() fails for a user; 0: never. Streams are ended by their consumer. */
  readonly queryTimeoutMs?: number;
}

/**
 * Opens the columnar engine of this process. DuckDB starts with the first statement, stops after five idle minutes, and
 * is replaced with the next statement when it has failed.
 */
export function openColumnarEngine(
  { dataDir, explore, filesUrl }: EngineConfig,
  log: Logger,
  { timeouts, idleMs = IDLE_MS, startPauseMs = START_PAUSE_MS, queryTimeoutMs = 0 }: EngineOptions = {},
): ColumnarEngine {
  const folders = makeTemporaryFolders(path.join(dataDir, "columnar", "tmp"));
  const users = makeTurns(USER_TURNS);
  const system = makeTurns(SYSTEM_TURNS);
  const reads = makeTurns(USER_TURNS);
  let current: Promise<EngineProcess> | undefined;
  let idle: NodeJS.Timeout | undefined;
  let active = 0;
  let isClosed = false;
  let failedStart: { readonly until: number; readonly error: unknown } | undefined;

  async function start(): Promise<EngineProcess> {
    const spillFolder = await folders.make();
    const { bavail, bsize } = await statfs(spillFolder);
    const engine = startEngineProcess(
      {
        memoryBytes: explore.memoryBytes,
        threads: explore.threads,
        folders: ["segments", "archives", "exports", "columnar"].map((name) =>
          path.join(/* turbopackIgnore: true */ dataDir, name),
        ),
        spillFolder,
        spillBytes: Math.min(explore.temporaryBytes, bavail * bsize * SPILL_SHARE),
      },
      log,
      { ...TIMEOUTS, ...timeouts },
    );
    void engine.ended.then(() => rm(spillFolder, { recursive: true, force: true })).catch(() => {});
    return engine;
  }

  async function usableEngine(): Promise<EngineProcess> {
    while (!isClosed) {
      if (failedStart && performance.now() < failedStart.until) throw failedStart.error;
      const starting = current ?? start();
      current = starting;
      try {
        const engine = await starting;
        if (engine.isUsable() || !engine.hasOpened()) {
          await engine.opened;
          failedStart = undefined;
          return engine;
        }
      } catch (error) {
        const cause = startError(error);
        if (current === starting) {
          current = undefined;
          if (!isClosed) {
            failedStart = { until: performance.now() + startPauseMs, error: cause };
            log.error({ err: cause, pauseMs: startPauseMs }, "The query engine cannot start.");
          }
        }
        throw cause;
      }
      if (current === starting) current = undefined;
    }
    throw engineFailed("it is closed");
  }

  async function stop(): Promise<void> {
    const engine = await current?.catch(() => undefined);
    current = undefined;
    await engine?.stop();
  }

  function updateIdle(change: 1 | -1): void {
    active += change;
    clearTimeout(idle);
    if (active === 0) idle = setTimeout(() => void stop(), idleMs).unref();
  }

  async function* stream(statement: SQL, { signal, user }: ColumnarOptions = {}): AsyncGenerator<ColumnarRow[]> {
    const bound = bind(statement);
    const release = await (user === undefined ? system.take("system", signal) : users.take(user, signal));
    updateIdle(1);
    const end = () => {
      updateIdle(-1);
      release();
    };
    const run = await unlessAborted(usableEngine(), signal).then(
      (engine) => engine.run(bound),
      (error: unknown) => {
        end();
        throw error;
      },
    );
    void run.ended.then(end);
    const onAbort = () => void run.cancel(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const startedAt = performance.now();
    // A consumer that stops cancels it.
    let outcome: Parameters<typeof recordStatement>[0] = "cancelled";
    try {
      yield* run.blocks;
      outcome = "completed";
    } catch (error) {
      if (!signal?.aborted) outcome = "failed";
      throw error;
    } finally {
      recordStatement(outcome, (performance.now() - startedAt) / 1_000);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  const engine: ColumnarEngine = {
    dialect: "duckdb",
    stream,
    remote: explore.url && filesUrl ? openClickhouse({ ...explore, url: explore.url, store: filesUrl }) : undefined,
    get system() {
      return engine;
    },
    async takeRead({ signal, user } = {}) {
      return user === undefined ? () => {} : await reads.take(user, signal);
    },
    async query(statement, { signal, user } = {}) {
      const timeout = timeoutSignal(user === undefined ? 0 : queryTimeoutMs, signal);
      const rows: ColumnarRow[] = [];
      try {
        for await (const block of stream(statement, { signal: timeout.signal, user })) {
          if (rows.length + block.length > MAX_ROWS) throw new AppError("columnar.too_many_rows", { max: MAX_ROWS });
          for (const row of block) rows.push(row);
        }
      } finally {
        timeout.clear();
      }
      return rows;
    },
    async makeFolder() {
      return await folders.make().catch((error: unknown) => {
        throw folderError(error);
      });
    },
    async close() {
      isClosed = true;
      clearTimeout(idle);
      await Promise.all([stop(), engine.remote?.close()]);
      await folders.close();
    },
  };
  return engine;
}

const dialect = new PgDialect();

function bind(statement: SQL): BoundStatement {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return { text, params: params.map(bindParam) };
}

function bindParam(value: unknown): ColumnarParam {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (value instanceof Date) return value.toISOString();
  throw new Error(`Not a parameter: ${typeof value}`);
}

/** @param ms 0: no timeout */
function timeoutSignal(ms: number, signal: AbortSignal | undefined) {
  if (ms === 0) return { signal, clear: () => {} };
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new AppError("query.timeout", {})), ms);
  return {
    signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
    clear: () => clearTimeout(timer),
  };
}

/** The error of a process that cannot start. */
function startError(error: unknown): unknown {
  const known = folderError(error);
  if (known instanceof AppError && known.code !== "columnar.engine_failed") return known;
  return new AppError("columnar.unavailable", {}, { cause: error });
}
