import { z } from "zod";

/** `data`: the disk of DATA_DIR; `database`: the disk of PostgreSQL, which may be the same. */
export const disk = z.enum(["data", "database"]);
