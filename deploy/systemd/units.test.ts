import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import { programs } from "@/server/process/programs.mjs";

const run = promisify(execFile);
const FOLDER = "deploy/systemd";
const ANALYZE = "/usr/bin/systemd-analyze";
/** The lowest exposure is 0, the highest 10. */
const MAX_EXPOSURE = 3;

const units = (await readdir(FOLDER)).filter((name) => name.endsWith(".service"));

test("There is a unit for web, worker and collector, which starts a program of the product and restarts it", async () => {
  expect(units).toEqual(["batch-console-collect.service", "batch-console-web.service", "batch-console-worker.service"]);
  for (const unit of units) {
    const text = await readFile(path.join(FOLDER, unit), "utf8");
    const [, program = ""] = /^ExecStart=.* server\/process\/run\.mjs (\w+)$/m.exec(text) ?? [];
    expect(unit).toBe(`batch-console-${program}.service`);
    expect(Object.keys(programs)).toContain(program);
    expect(text).toMatch(/^Restart=always$/m);
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1]);
    expect(seconds).toBeGreaterThan(loadConfig({}).shutdownSeconds + 10);
  }
});

/** .ci/run installs systemd where it is missing. */
test.runIf(existsSync(ANALYZE))("systemd accepts the units, and finds them little exposed", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-units-"));
  try {
    for (const unit of units) {
      const text = await readFile(path.join(FOLDER, unit), "utf8");
      // The program and the user need not exist on this machine.
      const here = text.replace("/usr/bin/node", process.execPath).replaceAll("=batch-console\n", "=root\n");
      await writeFile(path.join(folder, unit), here);
    }
    const files = units.map((unit) => path.join(folder, unit));
    const { stdout, stderr } = await run(ANALYZE, ["verify", "--man=no", ...files]);
    expect(stdout + stderr).toBe("");
    const options = ["security", "--offline=yes", `--threshold=${MAX_EXPOSURE * 10}`, "--no-pager"];
    for (const file of files) await run(ANALYZE, [...options, file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
