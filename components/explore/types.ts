import type { RouterInputs, RouterOutputs } from "../trpc";

export type ExploreInput = RouterInputs["explore"]["query"];
export type ExploreAnswer = RouterOutputs["explore"]["query"];
export type ExploreValue = ExploreAnswer["rows"][number][number];
export type Measure = NonNullable<ExploreInput["measures"]>[number];
