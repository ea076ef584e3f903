import { spawn } from "node:child_process";
import { StartError } from "@/server/process/start-error";

/** Runs `npm run build` without output. @throws StartError if it fails, after printing the output */
export function build(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "build"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      detached: true,
    });
    // npm would leave its child running; a process group ends as a whole.
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
      reject(new StartError("The build failed; see the output above."));
    });
  });
}
