import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Config } from "@/server/process/config";
import { explainFileError, StartError } from "./start-error";

/** Returns APP_SECRET, or the secret stored in DATA_DIR, which the first process creates. */
export async function loadSecret(config: Pick<Config, "appSecret" | "dataDir">): Promise<string> {
  if (config.appSecret) return config.appSecret;
  const file = path.join(config.dataDir, "secret");
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

/** Of concurrent processes, the first one wins: creating a hard link is atomic. */
async function createSecret(file: string): Promise<string> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, randomBytes(32).toString("base64url"), { mode: 0o600 });
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
