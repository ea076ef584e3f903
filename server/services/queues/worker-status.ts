import type { WorkerActivity } from "./workers";

export interface WorkerStatus {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly started_at: string;
  readonly last_seen_at: string;
  readonly current: WorkerActivity | null;
}
