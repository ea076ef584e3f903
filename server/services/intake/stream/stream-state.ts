import type { Logger } from "pino";
import type { LogTableName } from "@/server/catalog";
import { toAppError } from "@/server/lib/errors";
import type { TableStreamOptions } from "./table-stream";

const OUTCOMES = ["inserted", "duplicates", "rejected", "dropped", "queued"] as const;

/** Figures since the start of the process. */
export interface StreamState {
  readonly received: number;
  readonly stored: Readonly<Record<(typeof OUTCOMES)[number], number>>;
  /** Read, and neither stored nor lost. */
  readonly unstored: number;
  readonly lost: number;
  /** Since when batches cannot be stored, in milliseconds of `performance.now()`. */
  readonly failingSince: number | undefined;
}

/** Counts the events of a stream, and logs one line at the start and end of each time in which it cannot store. */
export function makeStreamState(log: Logger) {
  const stored = { inserted: 0, duplicates: 0, rejected: 0, dropped: 0, queued: 0 };
  let received = 0;
  let lost = 0;
  let failingSince: number | undefined;
  const sum = () => OUTCOMES.reduce((total, name) => total + stored[name], 0);
  return {
    received: () => {
      received++;
    },
    read: (): StreamState => ({
      received,
      stored: { ...stored },
      unstored: received - sum() - lost,
      lost,
      failingSince,
    }),
    handlersOf: (table: LogTableName): Pick<TableStreamOptions, "onStored" | "onFailure" | "onLost"> => ({
      onStored: (result) => {
        for (const name of OUTCOMES) stored[name] += result[name] ?? 0;
        if (failingSince !== undefined) log.info("events are stored again");
        failingSince = undefined;
      },
      onFailure: (error, isOutage) => {
        if (!isOutage) log.error({ err: error, table }, "batch failed and will be retried");
        else if (failingSince === undefined) log.warn(`${toAppError(error).message} Senders wait until it recovers.`);
        failingSince ??= performance.now();
      },
      onLost: (events) => {
        lost += events;
      },
    }),
  };
}
