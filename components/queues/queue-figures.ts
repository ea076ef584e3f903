import type { LogTableName } from "@/server/catalog";
import type { QueueStatus } from "../live/queue-watch";

export type QueueFigures = QueueStatus["queues"][LogTableName];
