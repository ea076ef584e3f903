import { type BackupSummary, summaryOf } from "./contract";
import { openArchive } from "./read-archive";

/**
 * Reads a backup completely and compares it with its checksums.
 * @throws StartError if it is incomplete or damaged
 */
export async function verifyBackup(source: AsyncIterable<Uint8Array>): Promise<BackupSummary> {
  const archive = await openArchive(source);
  for await (const _entry of archive.entries) {
    // The reader computes the checksums of what is skipped.
  }
  return summaryOf(archive.header, archive.manifest());
}
