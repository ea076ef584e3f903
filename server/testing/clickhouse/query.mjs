// Runs queries in ClickHouse's engine, one after another, for server.ts. A query ends with the process.
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";

const { Session } = createRequire(process.argv[2])("chdb");
// A process that is killed leaves its folder; server.ts removes the one around it.
const session = new Session(mkdtempSync("session-"));

const literal = (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const clause = (settings) => {
  const list = Object.entries(settings).map(([name, value]) => `${name} = ${literal(value)}`);
  return list.length > 0 ? ` settings ${list.join(", ")}` : "";
};

process.on("message", ({ text, params, settings: { readonly, ...settings }, tables }) => {
  try {
    for (const { name, structure, format, file } of tables) {
      session.query(`create or replace temporary table ${name} (${structure})`);
      session.query(
        `insert into ${name} select * from file(${literal(file)}, ${format}, ${literal(structure)})${clause(settings)}`,
      );
    }
    for (const [name, value] of Object.entries(params)) session.query(`set ${name} = ${literal(value)}`);
    process.send({ body: session.query(text + clause(readonly ? { ...settings, readonly } : settings)) });
  } catch (error) {
    process.send({ error: String(error.message ?? error) });
  }
});
process.send({ ready: true });
