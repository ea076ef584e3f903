import type { IntakeRecord } from "./record";

/** Gathers records into batches of up to `maxRecords`, and of about `maxLength` characters, at least one record. */
export async function* gatherBatches(
  blocks: AsyncIterable<IntakeRecord[]>,
  maxRecords: number,
  maxLength: number,
): AsyncGenerator<IntakeRecord[]> {
  let batch: IntakeRecord[] = [];
  let length = 0;
  for await (const block of blocks) {
    for (const record of block) {
      batch.push(record);
      length += record.text.length;
      if (batch.length >= maxRecords || length >= maxLength) {
        yield batch;
        batch = [];
        length = 0;
      }
    }
  }
  if (batch.length > 0) yield batch;
}
