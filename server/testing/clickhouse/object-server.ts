import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

export interface ObjectServer {
  /** The value of FILES_URL. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the files of a folder as the objects of a bucket, for reading. */
export async function serveObjects(folder: string): Promise<ObjectServer> {
  const server = createServer(async (request, response) => {
    const key = decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname).replace(/^\/bucket\//, "");
    const file = path.join(folder, key);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) {
      response.writeHead(404, { "content-type": "application/xml" });
      response.end("<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>");
      return;
    }
    const [, first = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(first);
    const end = last === "" ? found.size - 1 : Math.min(Number(last), found.size - 1);
    response.writeHead(request.headers.range ? 206 : 200, {
      "content-length": end - start + 1,
      "content-range": `bytes ${start}-${end}/${found.size}`,
      "last-modified": found.mtime.toUTCString(),
      etag: `"${found.size}-${found.mtimeMs}"`,
    });
    if (request.method === "HEAD") response.end();
    else createReadStream(file, { start, end }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `s3://bucket?endpoint=http://127.0.0.1:${port}&path_style=true`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
