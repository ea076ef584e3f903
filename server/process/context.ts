import type { Logger } from "pino";
import type { Cache } from "@/server/cache/cache";
import type { Database } from "@/server/db/client";
import type { LogQueue } from "@/server/queue/log-queue";
import type { Config } from "./config";

/** What a request, a job or a command has at hand. Made once a process by openContext. */
export interface Context {
  readonly config: Config;
  readonly db: Database;
  readonly queue: LogQueue;
  /** What was read, kept for seconds. */
  readonly cache: Cache;
  readonly log: Logger;
  /** Signs cookies and cursors. */
  readonly secret: string;
  /** The time by PostgreSQL's clock. */
  readonly now: () => Date;
}

export type Role = "viewer" | "operator" | "admin";

const PRINCIPAL_KINDS = ["user", "api_key", "system"] as const;

/** Who is asking. */
export interface Principal {
  readonly kind: (typeof PRINCIPAL_KINDS)[number];
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Where the request came from; none for the command line and the system. */
  readonly from?: RequestOrigin;
  /** Of who signed in: the session, which is not its token. */
  readonly sessionId?: string;
}

/** What the record of who did what tells of a request. */
export interface RequestOrigin {
  /** Behind TRUSTED_PROXIES that of the client. */
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Who works at the machine itself. */
export const COMMAND_LINE: Principal = { kind: "system", id: "cli", name: "command line", role: "admin" };

/** What the console does by itself. */
export const SYSTEM = { kind: "system", id: "system", name: "system" } as const;

/** A principal as one text, `user:…`: what marks, locks and records name it by. */
export function principalKey({ kind, id }: Principal): string {
  return `${kind}:${id}`;
}

/** Whom a principalKey names. */
export function readPrincipalKey(key: string): Pick<Principal, "kind" | "id"> {
  const kind = PRINCIPAL_KINDS.find((known) => key.startsWith(`${known}:`));
  if (!kind) throw new Error(`Not a principal: ${key}`);
  return { kind, id: key.slice(kind.length + 1) };
}

// Next bundles each route by itself, so a module-level variable would be one a bundle: the process has
// one context, and globalThis is what all its bundles share.
const holder = globalThis as typeof globalThis & { __batchConsoleContext?: Context };

/** Makes `context` the one of this process; the entry points call it before they serve. */
export function provideContext(context: Context): void {
  holder.__batchConsoleContext = context;
}

/** The process's context. @throws when the process was not started through its entry point */
export function getContext(): Context {
  if (!holder.__batchConsoleContext) {
    throw new Error("No context: start the server with `npm start`, `npm run web` or `npm run dev`.");
  }
  return holder.__batchConsoleContext;
}
