import { LOG_TABLE_NAMES } from "@/server/catalog";

/** The settings of one process's pools: maximum numbers of connections. */
export interface PoolSettings {
  /** For requests, jobs and periodic tasks, and as many for sessions of users. */
  readonly general: number;
  /** For reading each log table, and as many for all other reads. */
  readonly reads: number;
  /** For batches of each log table. */
  readonly intake: number;
}

/**
 * Two batches per table saturate two cores (docs/decisions/0003), and a page of logs runs up to three statements at
 * once. Two webs and two workers fit into PostgreSQL's default of 100 connections.
 */
export const DEFAULT_POOLS = { general: 3, reads: 4, intake: 2 } as const satisfies PoolSettings;

export interface PoolSizes extends PoolSettings {
  readonly sessions: number;
  /** For health checks. */
  readonly health: number;
}

export type PoolRole = "web" | "worker" | "collect" | "cli";

/** Workers and commands serve neither users nor their pages, and read little. */
export function poolSizes(settings: PoolSettings, role: PoolRole): PoolSizes {
  const isWeb = role === "web";
  return {
    ...settings,
    sessions: isWeb ? settings.general : 1,
    reads: isWeb ? settings.reads : 1,
    health: 2,
  };
}

/** Sessions for monitoring, two for segments, and those of jobs: one in each log table, an export, and the statistics. */
const LONG_SESSIONS: Readonly<Record<PoolRole, number>> = { web: 2, worker: 7, collect: 1, cli: 1 };

/**
 * Returns the maximum number of connections of a process: those through a pooler if there is one, and those always made
 * to PostgreSQL itself, for partitions, session locks and long work.
 */
export function countConnections(sizes: PoolSizes, role: PoolRole): { pooled: number; direct: number } {
  const tables = LOG_TABLE_NAMES.length;
  const { general, sessions, reads, intake, health } = sizes;
  return {
    pooled: general + sessions + reads * (1 + tables) + intake * tables + health,
    direct: tables + LONG_SESSIONS[role],
  };
}
