import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Sql } from "@/server/db/client";

/** The value on all common Linux systems. */
const TICKS_A_SECOND = 100;
/** Fields of /proc/PID/stat after the name: man proc. */
const PARENT = 1;
const OWN_TICKS = [11, 12];
const TICKS_OF_ENDED_CHILDREN = [13, 14];

/**
 * Returns the CPU time used so far by this process and its PostgreSQL, which is less sensitive to other work on the
 * machine than elapsed time.
 * @returns seconds; null without /proc
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
    // The process may have exited in the meantime.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const counted =
      pid === server ? [...OWN_TICKS, ...TICKS_OF_ENDED_CHILDREN] : fields[PARENT] === server ? OWN_TICKS : [];
    for (const field of counted) ticks += Number(fields[field]);
  }
  return own + ticks / TICKS_A_SECOND;
}
