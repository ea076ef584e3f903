import type { RouterOutputs } from "../trpc";

export type ImportItem = RouterOutputs["imports"]["list"]["items"][number];
