import { totalmem } from "node:os";

const MB = 1024 * 1024;

/**
 * Returns the contents of postgresql.conf for a server that shares its machine: shared buffers of an eighth of the
 * memory (at most 256 MB) and infrequent checkpoints for bulk inserts.
 * @param freeBytes free space on the data's disk; WAL may take an eighth of it, at most 4 GB
 */
export function serverSettings(port: number, freeBytes: number): Record<string, string> {
  const memory = totalmem() / MB;
  return {
    listen_addresses: "'127.0.0.1'",
    port: String(port),
    unix_socket_directories: "''",
    max_connections: "200",
    shared_buffers: `${clamp(memory / 8, 32, 256)}MB`,
    effective_cache_size: `${clamp(memory / 2, 128, 65_536)}MB`,
    work_mem: "16MB",
    maintenance_work_mem: `${clamp(memory / 16, 32, 256)}MB`,
    max_wal_size: `${clamp(freeBytes / MB / 8, 256, 4096)}MB`,
    wal_compression: "on",
    checkpoint_timeout: "15min",
    fsync: "on",
    synchronous_commit: "on",
    random_page_cost: "1.1",
    jit: "off",
    log_timezone: "'UTC'",
    timezone: "'UTC'",
    // Dead letters contain the rejected events, so the log must not contain user data.
    log_min_error_statement: "panic",
  };
}

export function formatSettings(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

function clamp(value: number, min: number, max: number): number {
  return Math.floor(Math.min(Math.max(value, min), max));
}
