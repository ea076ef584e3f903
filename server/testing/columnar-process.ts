import { readdirSync, readFileSync } from "node:fs";
import { isAlive } from "@/server/db/embedded/processes";

/** Returns the IDs of the columnar engine's processes that `parent` started (Linux). */
export function columnarProcesses(parent: number = process.pid): number[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    return Number.isInteger(pid) && isAlive(pid) && isEngineOf(pid, parent) ? pid : [];
  });
}

function isEngineOf(pid: number, parent: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return (
      status.includes(`\nPPid:\t${parent}\n`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0explore")
    );
  } catch {
    return false;
  }
}
