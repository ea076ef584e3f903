import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "pino";
import { StartError } from "@/server/process/start-error";
import { canReach, findServerUser, type ServerUser } from "./run-as";

/** Where root's PostgreSQL lives when its user cannot go into DATA_DIR. */
const SYSTEM_FOLDER = "/var/lib/lawsker-batch-console";

export interface Place {
  /** In DATA_DIR, ours: the password, the port, the lock, and `location` when the data is elsewhere. */
  readonly control: string;
  /** Holds `data` and `server.log`; PostgreSQL's user can go there. */
  readonly home: string;
  /** Where copies of the binaries go when they are needed. */
  readonly copies: string;
  readonly user: ServerUser | null;
}

/** Chooses the folders and the user of the embedded PostgreSQL of `dataDir`, and makes its home. */
export async function choosePlace(dataDir: string, log: Logger): Promise<Place> {
  const control = path.join(dataDir, "postgres");
  if (process.getuid?.() !== 0) return { control, home: control, copies: control, user: null };

  const user = await findServerUser();
  if (!user) {
    throw new StartError(
      "PostgreSQL does not run as root, and this machine has no user postgres or nobody to run it as. Start as an ordinary user, or set DATABASE_URL.",
    );
  }
  const home = await rootsHome(dataDir, control, user, log);
  return { control, home, copies: home === control ? control : SYSTEM_FOLDER, user };
}

async function rootsHome(dataDir: string, control: string, user: ServerUser, log: Logger): Promise<string> {
  const pointer = path.join(control, "location");
  const noted = (await readFile(pointer, "utf8").catch(() => "")).trim();
  if (noted) {
    if (await canReach(user, noted)) return noted;
    throw new StartError(`${pointer} says that the data is in ${noted}, but the user ${user.name} cannot go there.`);
  }
  await chmod(control, 0o711);
  if (await canReach(user, control)) return control;
  if (await isThere(path.join(control, "data"))) {
    throw new StartError(
      `The user ${user.name}, as whom PostgreSQL runs, can no longer go into ${control}. Let it pass (chmod o+x on the folders above), or move DATA_DIR.`,
    );
  }
  // A name of its own each time: a DATA_DIR that was removed and made again must start empty.
  const prefix = createHash("sha256").update(dataDir).digest("hex").slice(0, 12);
  await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  for (const name of await readdir(SYSTEM_FOLDER)) {
    if (name.startsWith(prefix)) {
      log.warn(`${path.join(SYSTEM_FOLDER, name)} holds the data of an earlier ${dataDir}; remove it when not needed.`);
    }
  }
  const home = path.join(SYSTEM_FOLDER, `${prefix}-${randomBytes(4).toString("hex")}`);
  await mkdir(home, { mode: 0o711 });
  if (!(await canReach(user, home))) {
    throw new StartError(`The user ${user.name}, as whom PostgreSQL runs, can go neither into ${control} nor ${home}.`);
  }
  await writeFile(pointer, `${home}\n`, { mode: 0o600 });
  log.info(`PostgreSQL runs as ${user.name}, who cannot go into ${dataDir}: its data is in ${home}.`);
  return home;
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
