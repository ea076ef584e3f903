import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import { COMPRESSION_LEVEL } from "@/server/lib/gzip";

export interface ZipEntry {
  readonly name: string;
  readonly bytes: () => AsyncIterable<Buffer>;
}

const FILE_MODE = 0o100_644;

/** Writes the entries, read one after the other, as a zip file. */
export function zipEntries(entries: readonly ZipEntry[], mtime: Date): Readable {
  const zip = new ZipFile();
  const output = Readable.from(zip.outputStream, { objectMode: false });
  zip.on("error", (error: Error) => output.destroy(error));
  for (const { name, bytes } of entries) {
    const options = { mtime, mode: FILE_MODE, compressionLevel: COMPRESSION_LEVEL };
    zip.addReadStreamLazy(name, options, (give) => {
      const stream = Readable.from(copied(bytes()), { objectMode: false });
      stream.once("error", (error) => output.destroy(error));
      give(null, stream);
    });
  }
  zip.end();
  return output;
}

/** The stream requests more while it still has the previous block. */
async function* copied(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const block of bytes) yield Buffer.from(block);
}
