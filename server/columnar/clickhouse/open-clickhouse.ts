import { randomUUID } from "node:crypto";
import type { ClickHouseClient } from "@clickhouse/client";
import { type SQL, sql } from "drizzle-orm";
import { ID_KEY, makeS3Access, type S3Access, type S3Location } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { recordStatement } from "@/server/process/counts";
import type { ColumnarOptions, ColumnarRow, RemoteEngine } from "../engine";
import type { ParquetFiles } from "../parquet-files";
import { clickhouseError, type Server } from "./failures";
import { fileSettings, multipartBody } from "./multipart";
import { literal, parquetStructure } from "./relations";
import { RESULT_FORMAT, readResult } from "./result";
import { querySettings } from "./settings";
import { type ClickhouseStatement, clickhouseStatement } from "./statement";

/** Older versions were not tested. */
const MIN_VERSION = [26, 7] as const;
const MAX_ROWS = 100_000;
const REQUEST_TIMEOUT_MS = 12 * 60_000;
const KILL_TIMEOUT_MS = 5_000;
/** Within that of the health check. */
const CHECK_TIMEOUT_MS = 2_500;

export interface ClickhouseOptions {
  /** EXPLORE_URL. */
  readonly url: string;
  readonly memoryBytes: number;
  /** The object store that it reads. */
  readonly store: S3Location;
}

/** Opens a ClickHouse server that reads segments from the object store. It is contacted with the first query. */
export function openClickhouse({ url, memoryBytes, store }: ClickhouseOptions): RemoteEngine {
  const address = new URL(url);
  const server: Server = {
    host: address.host,
    user: decodeURIComponent(address.username) || "default",
    database: decodeURIComponent(address.pathname.slice(1)) || "default",
  };
  const password = decodeURIComponent(address.password);
  const settings = querySettings({ memoryBytes });
  const accessOf = makeS3Access(store);
  let opening: Promise<ClickHouseClient> | undefined;

  async function open(): Promise<ClickHouseClient> {
    const { ClickHouseLogLevel, createClient } = await import("@clickhouse/client");
    return createClient({
      url: address.origin,
      username: server.user,
      password,
      database: server.database,
      request_timeout: REQUEST_TIMEOUT_MS,
      // Errors are thrown too, and their log would contain statements.
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  async function* stream(statement: SQL, { signal }: ColumnarOptions = {}): AsyncGenerator<ColumnarRow[]> {
    const access = await accessOf();
    opening ??= open();
    const client = await opening;
    const bound = clickhouseStatement(statement, (table, keys) => objectsOf(access, table, keys));
    const startedAt = performance.now();
    let outcome: Parameters<typeof recordStatement>[0] = "cancelled";
    try {
      signal?.throwIfAborted();
      yield* rowsOf(client, bound, settings, signal);
      outcome = "completed";
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      outcome = "failed";
      throw error instanceof AppError ? error : clickhouseError(error, server, [...access.credentials, password]);
    } finally {
      recordStatement(outcome, (performance.now() - startedAt) / 1_000);
    }
  }

  const remote: RemoteEngine = {
    dialect: "clickhouse",
    stream,
    async query(statement, options) {
      const rows: ColumnarRow[] = [];
      for await (const block of stream(statement, options)) {
        if (rows.length + block.length > MAX_ROWS) throw new AppError("columnar.too_many_rows", { max: MAX_ROWS });
        rows.push(...block);
      }
      return rows;
    },
    async check() {
      const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
      try {
        await requireSuitable(signal);
      } catch (error) {
        throw error === signal.reason ? clickhouseError(error, server) : error;
      }
    },
    async close() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };

  async function requireSuitable(signal: AbortSignal): Promise<void> {
    const version = await versionOf(signal);
    if (isOlder(version)) {
      const { host } = server;
      throw new AppError("columnar.server_version", { host, version, required: MIN_VERSION.join(".") });
    }
    const { credentials, urlOf } = await accessOf();
    const identity = s3([urlOf(ID_KEY), ...credentials, "RawBLOB", "id String"]);
    await remote.query(sql`select length(id) as length from ${identity}`, { signal });
  }

  /** Without settings, which older versions do not know. */
  async function versionOf(signal: AbortSignal): Promise<string> {
    opening ??= open();
    const client = await opening;
    try {
      for await (const [row] of rowsOf(
        client,
        { text: "select version() as version", params: {}, files: [] },
        {},
        signal,
      ))
        return String(row?.version);
      return "";
    } catch (error) {
      throw signal.aborted ? signal.reason : clickhouseError(error, server, [password]);
    }
  }

  return remote;
}

async function* rowsOf(
  client: ClickHouseClient,
  statement: ClickhouseStatement,
  settings: Record<string, string | number>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ColumnarRow[]> {
  const queryId = randomUUID();
  const kill = () => void cancel(client, queryId);
  signal?.addEventListener("abort", kill, { once: true });
  let isComplete = false;
  try {
    const { type, body } = multipartBody({ ...statement, text: `${statement.text} format ${RESULT_FORMAT}` });
    const { stream } = await client.exec({
      // It is in the body.
      query: "",
      values: body,
      http_headers: { "content-type": type },
      query_id: queryId,
      clickhouse_settings: { ...fileSettings(statement.files), ...settings },
      abort_signal: signal,
    });
    yield* readResult(stream);
    isComplete = true;
  } finally {
    signal?.removeEventListener("abort", kill);
    // A consumer that stops cancels it.
    if (!isComplete && !signal?.aborted) kill();
  }
}

/** A query that has ended is not found. Users may end their own queries. */
async function cancel(client: ClickHouseClient, queryId: string): Promise<void> {
  const timeout = AbortSignal.timeout(KILL_TIMEOUT_MS);
  await client
    .command({
      query: "kill query where query_id = {id:String} async",
      query_params: { id: queryId },
      abort_signal: timeout,
    })
    .catch(() => undefined);
}

/** A table function that reads objects with these keys. */
function objectsOf({ credentials, urlOf }: S3Access, table: ParquetFiles["table"], keys: readonly string[]): SQL {
  const list = keys.length === 1 ? (keys[0] ?? "") : `{${keys.join(",")}}`;
  return s3([urlOf(list), ...credentials, "Parquet", parquetStructure(table)]);
}

function s3(args: readonly string[]): SQL {
  return sql.raw(`s3(${args.map(literal).join(", ")})`);
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1]);
}
