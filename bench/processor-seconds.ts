import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Sql } from "@/server/db/client";

/** Of Linux, on every machine that we know of. */
const TICKS_A_SECOND = 100;
/** Fields of /proc/PID/stat behind the name: man proc. */
const PARENT = 1;
const OWN_TICKS = [11, 12];
const TICKS_OF_ENDED_CHILDREN = [13, 14];

/**
 * Processor time that this process and its PostgreSQL have taken so far: what else the machine does changes it far
 * less than it changes the time by the clock.
 * @returns seconds; null where there is no /proc
 */
export async function processorSeconds(sql: Sql): Promise<number | null> {
  const [setting] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
  const server = (await readFile(path.join(setting?.folder ?? "", "postmaster.pid"), "utf8")).split("\n")[0] ?? "";
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return null;
  let ticks = 0;
  for (const pid of pids) {
    // A process may have ended meanwhile.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const counted =
      pid === server ? [...OWN_TICKS, ...TICKS_OF_ENDED_CHILDREN] : fields[PARENT] === server ? OWN_TICKS : [];
    for (const field of counted) ticks += Number(fields[field]);
  }
  return own + ticks / TICKS_A_SECOND;
}
