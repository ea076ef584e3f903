import type { RouterInputs, RouterOutputs } from "../../trpc";

export type ChangesInput = RouterInputs["explore"]["changes"];
export type ChangesAnswer = RouterOutputs["explore"]["changes"];
export type Finding = ChangesAnswer["findings"][number];
