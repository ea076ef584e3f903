import { access, chmod, constants, mkdir } from "node:fs/promises";
import type { Config } from "@/server/process/config";
import { explainFileError, isFileError } from "./start-error";

/**
 * Creates DATA_DIR if it is missing and restricts it to its owner, because it contains the secret, exports and
 * archives. If root starts the embedded PostgreSQL, its user may traverse the folder but not list it.
 * @throws StartError with a line for the user
 */
export async function prepareDataDir({ dataDir, databaseUrl }: Pick<Config, "dataDir" | "databaseUrl">): Promise<void> {
  const isTraversable = databaseUrl === undefined && process.getuid?.() === 0;
  const mode = isTraversable ? 0o711 : 0o700;
  try {
    await mkdir(dataDir, { recursive: true, mode });
    await chmod(dataDir, mode);
  } catch (error) {
    // A mounted volume often has another owner, who controls its mode; files in it are checked when they are written.
    if (!isFileError(error, "EPERM")) throw explainFileError(error, dataDir);
  }
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explainFileError(error, dataDir);
  }
}
