import type { RouterInputs, RouterOutputs } from "../trpc";

export type CleanupChoice = Required<
  Pick<RouterInputs["retention"]["start"], "task_type" | "days_to_keep" | "archive">
>;

export type Preview = RouterOutputs["retention"]["preview"];
