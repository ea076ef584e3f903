import { DuckDBInstance } from "@duckdb/node-api";
import type { EngineSettings } from "./messages";

/**
 * Memory of the process beyond what DuckDB's limit counts: 90 MB of Node.js and libraries, chunks of results, and
 * blocks in use by the allocator. The states of some aggregates (exact percentiles, lists) are not counted either and
 * can exceed it, so that the process measures itself as well.
 */
const OVERHEAD_BYTES = 300e6;

/** Opens a database in memory whose statements cannot exceed the limits, leave the folders, or change either. */
export async function openDatabase(settings: EngineSettings): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${Math.round((settings.memoryBytes - OVERHEAD_BYTES) / 1e6)}MB`,
    threads: String(settings.threads),
    temp_directory: settings.spillFolder,
    preserve_insertion_order: "true",
    // Returns freed memory to the system within seconds. Without it, the process grows with each kind of query.
    ...(process.platform === "linux" && { allocator_background_threads: "true" }),
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  const folders = settings.folders.map((folder) => `'${folder.replaceAll("'", "''")}/'`);
  // Ignored among the options above.
  await connection.run(
    `set global max_temp_directory_size = '${Math.max(1, Math.round(settings.spillBytes / 1e6))}MB'`,
  );
  await connection.run("set global TimeZone = 'UTC'");
  // The system caches files too, and without a second copy the process reaches its limit later.
  await connection.run("set global enable_external_file_cache = false");
  // Statements read many ranges of the same files.
  await connection.run("set global parquet_metadata_cache = true");
  await connection.run(`set global allowed_directories = [${folders.join(", ")}]`);
  await connection.run("set global enable_external_access = false");
  await connection.run("set global lock_configuration = true");
  connection.disconnectSync();
  return instance;
}
