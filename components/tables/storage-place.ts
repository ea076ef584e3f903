import type { RouterOutputs } from "../trpc";

export type StoragePlace = RouterOutputs["tables"]["storage"]["places"][number];
