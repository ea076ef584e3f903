import type { LogTableName } from "@/server/catalog";
import type { RouterOutputs } from "../trpc";

export type DeadLetter = RouterOutputs["deadLetters"]["list"]["items"][number];

export type DeadLetterGroup = RouterOutputs["deadLetters"]["groups"][number];

/** A group that is edited, or replayed by a job. */
export interface OpenedGroup {
  readonly group: DeadLetterGroup & { readonly queue: LogTableName };
  readonly jobId: string | null;
}
