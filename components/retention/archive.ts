import type { RouterOutputs } from "../trpc";

export type Archive = RouterOutputs["retention"]["archives"]["items"][number];
