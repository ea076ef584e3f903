/** Bytes read for a preview; files may be of any size. */
const SAMPLE_BYTES = 256 * 1024;
/** Bytes converted to text per call: a larger chunk would exceed the maximum number of arguments. */
const BASE64_STEP = 8 * 1024;

export interface Sample {
  /** The uncompressed beginning of the file in base64. */
  base64: string;
  isGzip: boolean;
  /** Whether the sample is the whole file. */
  isWhole: boolean;
  isEmpty: boolean;
}

/**
 * Reads the beginning of a file, decompressed if it is gzipped.
 * @throws if the file cannot be read or decompressed
 */
export async function readSample(file: File): Promise<Sample> {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
  const { bytes, isWhole } = await readBeginning(file, isGzip);
  return { base64: toBase64(bytes), isGzip, isWhole, isEmpty: bytes.length === 0 };
}

async function readBeginning(file: File, isGzip: boolean): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> = isGzip
    ? file.stream().pipeThrough(new DecompressionStream("gzip"))
    : file.stream();
  const reader = stream.getReader();
  const bytes = new Uint8Array(SAMPLE_BYTES);
  let read = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: bytes.subarray(0, read), isWhole: true };
    const part = value.subarray(0, SAMPLE_BYTES - read);
    bytes.set(part, read);
    read += part.length;
    if (part.length === value.length && read < SAMPLE_BYTES) continue;
    await reader.cancel();
    return { bytes, isWhole: false };
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += BASE64_STEP) {
    binary += String.fromCharCode(...bytes.subarray(at, at + BASE64_STEP));
  }
  return btoa(binary);
}
