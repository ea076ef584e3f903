/** Enough for a preview; a file may be of any size. */
const SAMPLE_BYTES = 256 * 1024;
/** A JSON document is read whole or not at all; the server takes no larger one. */
const DOCUMENT_BYTES = 10 * 1024 * 1024;

export interface Sample {
  /** Whole lines from the beginning of the file, unpacked. */
  text: string;
  isGzip: boolean;
  /** Whether the text is the whole file. */
  isWhole: boolean;
  isBinary: boolean;
}

/**
 * Reads the beginning of a file, unpacked where it is gzip; all of it where it looks like a JSON document.
 * @throws when the file cannot be read or unpacked
 */
export async function readSample(file: File): Promise<Sample> {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
  const first = await readText(file, isGzip, SAMPLE_BYTES);
  const isDocument = /^\uFEFF?\s*(\[|\{\s*\n|\{\s*"items")/.test(first.text);
  const { text, isWhole } = isDocument && !first.isWhole ? await readText(file, isGzip, DOCUMENT_BYTES) : first;
  const lastLineEnd = text.lastIndexOf("\n");
  return {
    text: isWhole || lastLineEnd === -1 ? text : text.slice(0, lastLineEnd),
    isGzip,
    isWhole,
    isBinary: text.includes("\0"),
  };
}

async function readText(file: File, isGzip: boolean, limit: number): Promise<{ text: string; isWhole: boolean }> {
  const bytes: ReadableStream<Uint8Array<ArrayBuffer>> = isGzip
    ? file.stream().pipeThrough(new DecompressionStream("gzip"))
    : file.stream();
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let read = 0;
  while (read < limit) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), isWhole: true };
    read += value.byteLength;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return { text, isWhole: false };
}
