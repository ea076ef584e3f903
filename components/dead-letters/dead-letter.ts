import type { RouterOutputs } from "../trpc";

export type DeadLetter = RouterOutputs["deadLetters"]["list"]["items"][number];

export type DeadLetterGroup = RouterOutputs["deadLetters"]["groups"][number];
