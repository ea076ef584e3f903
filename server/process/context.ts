import type { Logger } from "pino";
import type { Cache } from "@/server/cache/cache";
import type { Role } from "@/server/catalog/accounts";
import type { ColumnarEngine } from "@/server/columnar/engine";
import type { Database } from "@/server/db/client";
import type { FileStores } from "@/server/files";
import type { Geolocation } from "@/server/geolocation";
import type { LogQueue } from "@/server/queue/log-queue";
import type { Config } from "./config";

/** The dependencies of requests, jobs and commands. Created once per process by openContext. */
export interface Context {
  readonly config: Config;
  readonly db: Database;
  readonly queue: LogQueue;
  /** Files of exports and archives. */
  readonly files: FileStores;
  /** A short-lived cache of query results. */
  readonly cache: Cache;
  readonly log: Logger;
  /** Runs statements over Parquet files in DuckDB. */
  readonly columnar: ColumnarEngine;
  /** The places of IP addresses; undefined: GEOLOCATION is off. */
  readonly geolocation?: Geolocation;
  /** Signs cookies and cursors. */
  readonly secret: string;
  /** Returns the current time of PostgreSQL's clock. */
  readonly now: () => Date;
  /** Aborts when this process must stop. Requests that wait for something are then answered early. */
  readonly stopping?: AbortSignal;
}

export type { Role };

const PRINCIPAL_KINDS = ["user", "api_key", "system"] as const;

/** The authenticated caller. */
export interface Principal {
  readonly kind: (typeof PRINCIPAL_KINDS)[number];
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The origin of the request; undefined for the command line and the system. */
  readonly from?: RequestOrigin;
  /** The ID of the user's session, which is not its token. */
  readonly sessionId?: string;
}

/** The origin of a request, for the audit log. */
export interface RequestOrigin {
  /** The client's IP address, also behind TRUSTED_PROXIES. */
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** The principal of CLI commands. */
export const COMMAND_LINE: Principal = { kind: "system", id: "cli", name: "command line", role: "admin" };

/** The principal of automatic actions. */
export const SYSTEM = { kind: "system", id: "system", name: "system" } as const;

/** Returns the principal as text, `user:…`, for change marks, locks and records. */
export function principalKey({ kind, id }: Principal): string {
  return `${kind}:${id}`;
}

/** Parses the result of principalKey. */
export function readPrincipalKey(key: string): Pick<Principal, "kind" | "id"> {
  const kind = PRINCIPAL_KINDS.find((known) => key.startsWith(`${known}:`));
  if (!kind) throw new Error(`Not a principal: ${key}`);
  return { kind, id: key.slice(kind.length + 1) };
}

// Next bundles each route separately, so a module-level variable would exist once per bundle. The process has one
// context, which all bundles share through globalThis.
const holder = globalThis as typeof globalThis & { __batchConsoleContext?: Context };

/** Sets the context of this process. Entry points call it before they serve requests. */
export function provideContext(context: Context): void {
  holder.__batchConsoleContext = context;
}

/** Returns the context of this process. @throws if the process was not started through its entry point */
export function getContext(): Context {
  if (!holder.__batchConsoleContext) {
    throw new Error("No context: start the server with `npm start`, `npm run web` or `npm run dev`.");
  }
  return holder.__batchConsoleContext;
}
