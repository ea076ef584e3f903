import { execFileSync } from "node:child_process";

/**
 * Returns the environment for a program whose clock is off by `difference` in faketime's format: `+1d`. The monotonic
 * clock, which timers use, is not affected. The program runs without a faketime parent process.
 * @throws if faketime is not installed
 */
export function wrongClock(difference: string): Record<string, string> {
  const library = execFileSync("faketime", ["-m", "-f", "+0", "printenv", "LD_PRELOAD"], { encoding: "utf8" }).trim();
  return { LD_PRELOAD: library, FAKETIME: difference, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}
