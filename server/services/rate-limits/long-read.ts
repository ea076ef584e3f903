import type { Principal } from "@/server/process/context";
import { type Place, takePlace } from "./places";

const LONG_READS: Place = {
  name: "long reads",
  max: 5,
  code: "rate.previews",
};

/**
 * Runs a read that can occupy a connection for seconds, such as a count.
 * @throws AppError TOO_MANY_REQUESTS while `principal` has five others running
 */
export async function longRead<T>(principal: Principal, work: () => Promise<T>): Promise<T> {
  const giveBack = takePlace(LONG_READS, principal);
  try {
    return await work();
  } finally {
    giveBack();
  }
}
