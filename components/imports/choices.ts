import type { ImportMode } from "./upload";
import type { Reading } from "./use-preview";

export type Choices = Required<Reading> & { mode: ImportMode };
