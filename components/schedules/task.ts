import type { RouterOutputs } from "../trpc";

export type Task = RouterOutputs["schedules"]["status"]["tasks"][number];

export type TaskRun = RouterOutputs["schedules"]["runs"][number];
