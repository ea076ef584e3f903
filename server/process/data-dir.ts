import { access, chmod, constants, mkdir } from "node:fs/promises";
import type { Config } from "@/server/process/config";
import { explainFileError, isFileError } from "./start-error";

/**
 * Makes DATA_DIR where it is missing, and keeps it to its owner: it has the secret, exports and archives. Where root
 * starts the embedded PostgreSQL, that one's user must pass through, and sees nothing of it.
 * @throws StartError with a line for the user
 */
export async function prepareDataDir({ dataDir, databaseUrl }: Pick<Config, "dataDir" | "databaseUrl">): Promise<void> {
  const isPassedThrough = databaseUrl === undefined && process.getuid?.() === 0;
  const mode = isPassedThrough ? 0o711 : 0o700;
  try {
    await mkdir(dataDir, { recursive: true, mode });
    await chmod(dataDir, mode);
  } catch (error) {
    // A mounted volume often belongs to somebody else, who decides on its mode; what is written is checked there.
    if (!isFileError(error, "EPERM")) throw explainFileError(error, dataDir);
  }
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explainFileError(error, dataDir);
  }
}
