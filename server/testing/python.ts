import { execFileSync } from "node:child_process";

/** Whether Python reads the files of exports too; npm test reports when it is missing. */
export const hasPython = (() => {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
