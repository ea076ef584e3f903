import { execFileSync } from "node:child_process";

/**
 * The environment in which a program's clock is wrong by `difference`, as faketime takes it: `+1d`. Its monotonic clock,
 * by which timers go, stays as it is. The program's own process is started, without faketime's around it.
 * @throws where faketime is not installed
 */
export function wrongClock(difference: string): Record<string, string> {
  const library = execFileSync("faketime", ["-m", "-f", "+0", "printenv", "LD_PRELOAD"], { encoding: "utf8" }).trim();
  return { LD_PRELOAD: library, FAKETIME: difference, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}
