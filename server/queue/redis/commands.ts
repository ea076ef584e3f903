import { readFileSync } from "node:fs";
import path from "node:path";
import type { Result } from "ioredis";
import type { RedisClient } from "./connect";

const COMMANDS = {
  logQueueClaim: { file: "claim.lua", numberOfKeys: 5 },
  logQueueAcknowledge: { file: "acknowledge.lua", numberOfKeys: 3 },
  logQueueLease: { file: "lease.lua", numberOfKeys: 2 },
  logQueueRecover: { file: "recover.lua", numberOfKeys: 2 },
  logQueueStatus: { file: "status.lua", numberOfKeys: 4 },
  logQueuePeek: { file: "peek.lua", numberOfKeys: 1 },
} as const;

type ClaimReply = [id: string, seconds: string, microseconds: string, deliveries: number, payloads: string[]] | null;
type StatusReply = [waiting: number, ageMs: number, claims: string[], refusal: string, nowMs: number];

declare module "ioredis" {
  interface RedisCommander<Context> {
    logQueueClaim(
      list: string,
      leases: string,
      claims: string,
      claimed: string,
      samples: string,
      claimPrefix: string,
      newId: string,
      events: number,
      bytes: number,
      leaseMs: number,
      eventBytes: number,
      maxLeaseMs: number,
      seconds: string,
      microseconds: string,
    ): Result<ClaimReply, Context>;
    logQueueAcknowledge(leases: string, claims: string, claimList: string, id: string): Result<number, Context>;
    logQueueLease(leases: string, claims: string, id: string, ms: number, isUncounted: 0 | 1): Result<number, Context>;
    logQueueRecover(leases: string, claims: string, claimPrefix: string, ...ids: string[]): Result<number, Context>;
    logQueueStatus(list: string, claims: string, claimed: string, samples: string): Result<StatusReply, Context>;
    logQueuePeek(list: string, events: number, bytes: number): Result<(number | string)[], Context>;
  }
}

/** Defines the queue's Lua commands on `client`. The header of each script documents its keys and arguments. */
export function defineCommands(client: RedisClient): void {
  const folder = path.resolve(/* turbopackIgnore: true */ process.cwd(), "server/queue/redis");
  const source = (file: string) => readFileSync(path.join(folder, file), "utf8");
  const shared = source("shared.lua");
  for (const [name, { file, numberOfKeys }] of Object.entries(COMMANDS)) {
    client.defineCommand(name, { numberOfKeys, lua: `${shared}\n${source(file)}` });
  }
}
