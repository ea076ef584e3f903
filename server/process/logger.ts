import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import type { Config } from "@/server/process/config";

const SECRETS = ["authorization", "cookie", "set-cookie", "password", "key", "secret", "token"];
const redacted = SECRETS.flatMap((name) => ["", "*.", "*.*."].map((above) => `${above}["${name}"]`)).map((path) =>
  path.replace(".[", "["),
);

/** What every log hides: fields by their names, and of failed queries their text and parameters. */
export const hiding = {
  redact: { paths: redacted, censor: "(hidden)" },
  serializers: { err: (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(told(error)) : error) },
};

/** Drizzle's errors quote the query with its parameters, such as a session's token; their cause says what went wrong. */
function told(error: Error): Error {
  const cause = error.cause instanceof Error ? told(error.cause) : undefined;
  if ("query" in error && "params" in error) return cause ?? new Error("A query failed.");
  if (cause === undefined || cause === error.cause) return error;
  return Object.assign(new Error(error.message), { ...error, name: error.name, stack: error.stack, cause });
}

/**
 * The process's log: lines to read on a terminal, JSON elsewhere. A command's log goes to stderr,
 * where its results are not.
 */
export function createLogger(config: Pick<Config, "logLevel">, role: string): Logger {
  const isCommand = role === "cli";
  const fd = isCommand ? 2 : 1;
  const options = { level: config.logLevel, base: { role }, ...hiding };
  const stream = isCommand ? process.stderr : process.stdout;
  if (!isCommand && !stream.isTTY) {
    return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd, sync: true }));
  }
  const lines = pretty({
    destination: fd,
    sync: true,
    colorize: stream.isTTY,
    translateTime: "SYS:HH:MM:ss",
    ignore: isCommand ? "role,time,level" : "role",
    messageFormat: (line, key) => `${isCommand ? "" : `${role}: `}${oneLine(String(line[key] ?? ""))}`,
  });
  return pino(options, lines);
}

/** What a caller wrote may be in a message: it makes no line of its own, and gives a terminal no commands. */
function oneLine(message: string): string {
  return message.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
