import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const CHDB_VERSION = "3.4.0";

/** The folder in which the test run installs ClickHouse's engine, which is too large for a dependency. */
export const CHDB_FOLDER = process.env.CHDB_FOLDER ?? path.join(tmpdir(), `batch-console-chdb-${CHDB_VERSION}`);

/** Returns whether it is installed. Tests of ClickHouse are skipped otherwise. */
export function hasChdb(): boolean {
  return existsSync(path.join(CHDB_FOLDER, "node_modules", "chdb", "package.json"));
}
