import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CHDB_FOLDER } from "./install";

/**
 * ClickHouse's engine behind the part of its HTTP interface that the client uses: queries with parameters, settings and
 * files in multipart bodies, KILL QUERY, and the errors of users. Access is what tests say.
 */
export interface TestClickhouse {
  /** The value of EXPLORE_URL. */
  readonly url: string;
  /** Resolves when a query is running. */
  hasQuery(): Promise<void>;
  /** The requests that were answered with rows. */
  readonly queries: readonly string[];
  /** Sets the error of all further queries, or the version that the server states; undefined: its own. */
  pretend(other: { readonly error?: string; readonly version?: string } | undefined): void;
  /** Ends the server and its queries. start() opens the same port again. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  readonly body?: string;
  readonly error?: string;
}

const PASSWORD = "secret";
const KILLED = "Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)";
const DENIED =
  "Code: 516. DB::Exception: explorer: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)";

export async function startClickhouse(): Promise<TestClickhouse> {
  const folder = await mkdtemp(path.join(tmpdir(), "bc-clickhouse-"));
  const queries: string[] = [];
  const running = new Map<string, () => void>();
  let pretended: Parameters<TestClickhouse["pretend"]>[0];
  let engine: ChildProcess | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  async function run(request: unknown, id: string): Promise<Answer> {
    const before = turn;
    let end = () => {};
    turn = new Promise<void>((resolve) => {
      end = resolve;
    });
    await before;
    let child: ChildProcess | undefined;
    try {
      const own = await (engine?.connected ? engine : startEngine());
      child = own;
      const answer = new Promise<Answer>((resolve) => {
        own.once("message", resolve);
        own.once("exit", () => resolve({ error: KILLED }));
      });
      running.set(id, () => {
        // A killed process can still be connected for a moment.
        if (engine === own) engine = undefined;
        own.kill("SIGKILL");
      });
      own.send(request as object);
      return await answer;
    } finally {
      child?.removeAllListeners("message").removeAllListeners("exit");
      running.delete(id);
      end();
    }
  }

  async function startEngine(): Promise<ChildProcess> {
    const own = fork(path.join(process.cwd(), "server/testing/clickhouse/query.mjs"), [`${CHDB_FOLDER}/`], {
      cwd: folder,
      execArgv: [],
      stdio: "inherit",
    });
    engine = own;
    await once(own, "message");
    return own;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    const body = Buffer.concat(await request.toArray());
    const settings = Object.fromEntries(url.searchParams);
    const send = ({ body: rows = "", error }: Answer) => {
      const code = /^Code: (\d+)/.exec(error ?? "")?.[1];
      response.writeHead(error ? 500 : 200, code ? { "x-clickhouse-exception-code": code } : {});
      response.end(error ?? rows);
    };
    const [, password] = Buffer.from(request.headers.authorization?.slice(6) ?? "", "base64")
      .toString()
      .split(":");
    if (password !== PASSWORD) return send({ error: DENIED });
    const { query_id: id = "", database: _, wait_end_of_query: __, ...rest } = settings;
    const isMultipart = request.headers["content-type"]?.startsWith("multipart/form-data") ?? false;
    let text = isMultipart ? "" : body.toString();
    if (text.startsWith("kill query")) {
      running.get(settings.param_id ?? "")?.();
      return send({ body: "" });
    }
    const tables = [];
    if (isMultipart) {
      const form = await new Response(body, {
        headers: { "content-type": request.headers["content-type"] ?? "" },
      }).formData();
      for (const [name, part] of form) {
        if (typeof part === "string") {
          if (name === "query") text = part;
          else rest[name] = part;
          continue;
        }
        const file = path.join(folder, randomUUID());
        await writeFile(file, Buffer.from(await part.arrayBuffer()));
        tables.push({ name, file, structure: rest[`${name}_structure`], format: rest[`${name}_format`] });
      }
    }
    if (pretended?.error) return send({ error: pretended.error });
    if (pretended?.version) text = text.replace("version()", `'${pretended.version}'`);
    const isParam = (name: string) => name.startsWith("param_");
    const isOfTable = (name: string) => /_(structure|format)$/.test(name) && name.startsWith("sent_");
    const entries = Object.entries(rest).filter(([name]) => !isOfTable(name));
    const result = await run(
      {
        text,
        tables,
        params: Object.fromEntries(entries.filter(([name]) => isParam(name))),
        settings: Object.fromEntries(entries.filter(([name]) => !isParam(name))),
      },
      id,
    );
    await Promise.all(tables.map(({ file }) => rm(file)));
    if (result.error === undefined) queries.push(text);
    send(result);
  }

  let server = createServer((request, response) => void answer(request, response));
  let port = 0;
  const start = async () => {
    server = createServer((request, response) => void answer(request, response));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    engine?.kill("SIGKILL");
    engine = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  await start();
  return {
    url: `http://explorer:${PASSWORD}@127.0.0.1:${port}/default`,
    queries,
    hasQuery: async () => {
      while (running.size === 0) await sleep(10);
    },
    pretend: (other) => {
      pretended = other;
    },
    start,
    stop,
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
