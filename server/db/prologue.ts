import type { Settings } from "./connection-settings";

/** Settings of a client's connection that poolers apply to each connection of PostgreSQL that they give it. */
const TRACKED: ReadonlySet<string> = new Set([
  "application_name",
  "TimeZone",
  "DateStyle",
  "standard_conforming_strings",
]);
/** Settings without an effect on a transaction, or that cannot be changed in one. */
const OF_SESSION: ReadonlySet<string> = new Set([
  "idle_session_timeout",
  "tcp_keepalives_idle",
  "tcp_keepalives_interval",
  "tcp_keepalives_count",
  "default_transaction_isolation",
]);

/**
 * Divides settings for a client behind a pooler, which refuses or ignores most of them at the start of a connection:
 * the patched postgres.js sends the others with each transaction (decision 0035).
 */
export function makePrologue(settings: Settings) {
  const entries = Object.entries(settings).filter(([name]) => !OF_SESSION.has(name));
  const ofTransaction = entries
    .filter(([name]) => !TRACKED.has(name))
    .map(([name, value]) => [transactionSetting(name), String(value)] as const);
  const changes = ofTransaction.map(
    ([name, value]) => `pg_catalog.set_config(${quoted(name)}, ${quoted(value)}, true)`,
  );
  return {
    connection: Object.fromEntries(entries.filter(([name]) => TRACKED.has(name))),
    prologue: {
      statement: `select ${["pg_catalog.pg_backend_pid()", ...changes].join(", ")}`,
      // SET LOCAL takes no snapshot, which would prevent SET TRANSACTION.
      transaction: ofTransaction
        .map(([name, value]) => `set local ${identifier(name)} = ${assigned(name, value)}`)
        .join("; "),
    },
  };
}

/** Returns the setting that has the effect of `name` in the current transaction. */
export function transactionSetting(name: string): string {
  return name === "default_transaction_read_only" ? "transaction_read_only" : name;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Quotes a name, which may have a prefix, as in SQL. */
function identifier(name: string): string {
  return name
    .split(".")
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(".");
}

const SCHEMA = /"(?:""|[^"])*"|[^",\s]+/g;

/** SET takes the schemas of search_path as a list; a quoted list would name one schema. */
function assigned(name: string, value: string): string {
  if (name !== "search_path") return quoted(value);
  const schemas = [...value.matchAll(SCHEMA)].map(([schema]) => schema);
  return schemas.map((schema) => (schema.startsWith('"') ? schema : `"${schema.toLowerCase()}"`)).join(", ") || "''";
}
