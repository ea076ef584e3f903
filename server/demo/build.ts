import { spawn } from "node:child_process";
import { StartError } from "@/server/process/start-error";

/** Runs `npm run build` silently. @throws StartError with what it printed when it fails */
export function build(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "build"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      detached: true,
    });
    // npm would leave the build behind; a group of processes ends as one.
    const end = () => child.pid && process.kill(-child.pid, "SIGTERM");
    signal.addEventListener("abort", end, { once: true });
    child.once("exit", () => signal.removeEventListener("abort", end));
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      process.stderr.write(output);
      reject(new StartError("The build failed; what it printed is above."));
    });
  });
}
