import type { Principal } from "@/server/process/context";
import { acquireSlot, type SlotLimit } from "./slots";

const LONG_READS: SlotLimit = {
  name: "long reads",
  max: 5,
  code: "rate.previews",
};

/**
 * Runs a read that can occupy a connection for seconds, such as a count.
 * @throws AppError TOO_MANY_REQUESTS while `principal` has five others running
 */
export async function longRead<T>(principal: Principal, work: () => Promise<T>): Promise<T> {
  const release = acquireSlot(LONG_READS, principal);
  try {
    return await work();
  } finally {
    release();
  }
}
