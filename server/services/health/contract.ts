import { z } from "zod";
import { storedError } from "@/server/catalog/errors";
import { HEALTH_PARTS } from "@/server/catalog/health-parts";
import { renderedAdviceFields } from "@/server/lib/contract";

const part = z.object({
  state: z.enum(["ok", "degraded", "down"]),
  latency_ms: z.number(),
  advice: storedError.nullable().describe("Recommended action; null when ok"),
});
export type PartHealth = z.infer<typeof part>;

const parts = z.enum(HEALTH_PARTS);

export const health = z.object({
  status: z
    .enum(["ready", "read_only", "not_ready"])
    .describe("ready: can serve requests; not_ready: PostgreSQL is unavailable; read_only: PostgreSQL rejects writes"),
  parts: z.record(parts, part),
});
export type Health = z.infer<typeof health>;

/** The REST response. */
export const healthAnswer = health.extend({ parts: z.record(parts, part.extend(renderedAdviceFields)) });
