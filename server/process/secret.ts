import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Config } from "@/server/process/config";
import { explainFileError, StartError } from "./start-error";

const SECRET_FILE = "secret";

/** Returns APP_SECRET, or the secret stored in DATA_DIR, which the first process creates. */
export async function loadSecret(config: Pick<Config, "appSecret" | "dataDir">): Promise<string> {
  if (config.appSecret) return config.appSecret;
  const file = path.join(config.dataDir, SECRET_FILE);
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    const secret = (await readIfExists(file)) ?? (await createSecret(file));
    if (secret.length < 32)
      throw new StartError(`${file} does not contain a secret. Delete it, and a new one is created.`);
    return secret;
  } catch (error) {
    throw explainFileError(error, config.dataDir);
  }
}

/** Returns APP_SECRET, or the secret in DATA_DIR; undefined if there is none. */
export async function readSecret(config: Pick<Config, "appSecret" | "dataDir">): Promise<string | undefined> {
  return config.appSecret ?? (await readIfExists(path.join(config.dataDir, SECRET_FILE)));
}

/**
 * Stores the secret of a backup in DATA_DIR.
 * @returns false if another one is already configured or stored, which remains
 */
export async function adoptSecret(config: Pick<Config, "appSecret" | "dataDir">, secret: string): Promise<boolean> {
  const present = await readSecret(config);
  if (present !== undefined) return present === secret;
  return (await createSecret(path.join(config.dataDir, SECRET_FILE), secret)) === secret;
}

/** Of concurrent processes, the first one wins: creating a hard link is atomic. */
async function createSecret(file: string, secret = randomBytes(32).toString("base64url")): Promise<string> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, secret, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(file, "utf8")).trim();
}

async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
