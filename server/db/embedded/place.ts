import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "pino";
import { StartError } from "@/server/process/start-error";
import { canReach, findServerUser, type ServerUser } from "./run-as";

/** Data folder for a server started by root whose user cannot access DATA_DIR. */
const SYSTEM_FOLDER = "/var/lib/lawsker-batch-console";

export interface Place {
  /** In DATA_DIR, owned by this process: the password, the port, the lock, and `location` if the data is elsewhere. */
  readonly control: string;
  /** Contains `data` and `server.log`; accessible to PostgreSQL's user. */
  readonly home: string;
  /** Folder for copies of the binaries, if they are needed. */
  readonly copies: string;
  readonly user: ServerUser | null;
}

/** Chooses the folders and the user of the embedded PostgreSQL of `dataDir`, and creates its home folder. */
export async function choosePlace(dataDir: string, log: Logger): Promise<Place> {
  const control = path.join(dataDir, "postgres");
  if (process.getuid?.() !== 0) return { control, home: control, copies: control, user: null };

  const user = await findServerUser();
  if (!user) {
    throw new StartError(
      "PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody. Start as an ordinary user, or set DATABASE_URL.",
    );
  }
  const home = await rootsHome(dataDir, control, user, log);
  return { control, home, copies: home === control ? control : SYSTEM_FOLDER, user };
}

async function rootsHome(dataDir: string, control: string, user: ServerUser, log: Logger): Promise<string> {
  const pointer = path.join(control, "location");
  const location = (await readFile(pointer, "utf8").catch(() => "")).trim();
  if (location) {
    if (await canReach(user, location)) return location;
    throw new StartError(`${pointer} points to ${location}, but the user ${user.name} cannot access it.`);
  }
  await chmod(control, 0o711);
  if (await canReach(user, control)) return control;
  if (await fileExists(path.join(control, "data"))) {
    throw new StartError(
      `PostgreSQL runs as the user ${user.name}, who can no longer access ${control}. Grant access (chmod o+x on the parent folders), or move DATA_DIR.`,
    );
  }
  // A unique name, so that a DATA_DIR that was deleted and recreated starts empty.
  const prefix = createHash("sha256").update(dataDir).digest("hex").slice(0, 12);
  await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  for (const name of await readdir(SYSTEM_FOLDER)) {
    if (name.startsWith(prefix)) {
      log.warn(
        `${path.join(SYSTEM_FOLDER, name)} contains the data of a previous ${dataDir}; delete it if it is no longer needed.`,
      );
    }
  }
  const home = path.join(SYSTEM_FOLDER, `${prefix}-${randomBytes(4).toString("hex")}`);
  await mkdir(home, { mode: 0o711 });
  if (!(await canReach(user, home))) {
    throw new StartError(`PostgreSQL runs as the user ${user.name}, who can access neither ${control} nor ${home}.`);
  }
  await writeFile(pointer, `${home}\n`, { mode: 0o600 });
  log.info(`PostgreSQL runs as ${user.name}, who cannot access ${dataDir}; its data is in ${home}.`);
  return home;
}

function fileExists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
