import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import type { Config } from "@/server/process/config";

const SECRETS = ["authorization", "cookie", "set-cookie", "password", "key", "secret", "token"];
const redacted = SECRETS.flatMap((name) => ["", "*.", "*.*."].map((above) => `${above}["${name}"]`)).map((path) =>
  path.replace(".[", "["),
);

/** Redaction of all logs: fields by name, and the text and parameters of failed queries. */
export const redaction = {
  redact: { paths: redacted, censor: "(hidden)" },
  serializers: {
    err: (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(withoutQuery(error)) : error),
  },
};

/** Drizzle's errors contain the query and its parameters, such as session tokens; the cause contains the reason. */
function withoutQuery(error: Error): Error {
  const cause = error.cause instanceof Error ? withoutQuery(error.cause) : undefined;
  if ("query" in error && "params" in error) return cause ?? new Error("A query failed.");
  if (cause === undefined || cause === error.cause) return error;
  return Object.assign(new Error(error.message), { ...error, name: error.name, stack: error.stack, cause });
}

/**
 * Creates the process's log: readable lines on a terminal, otherwise JSON. Commands log to stderr, because their
 * results are on stdout.
 */
export function createLogger(config: Pick<Config, "logLevel">, role: string): Logger {
  const isCommand = role === "cli";
  const fd = isCommand ? 2 : 1;
  const options = { level: config.logLevel, base: { role }, ...redaction };
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

/** Escapes caller-supplied text in a message, so that it can neither create lines nor send control sequences. */
function oneLine(message: string): string {
  return message.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
