import type { IntakeMode } from "@/server/trpc/root";
import type { Reading } from "./use-preview";

export type Choices = Required<Omit<Reading, "map">> & { mode: IntakeMode };
