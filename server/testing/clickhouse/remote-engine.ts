import { afterAll } from "vitest";
import { openClickhouse } from "@/server/columnar/clickhouse/open-clickhouse";
import type { RemoteEngine } from "@/server/columnar/engine";
import { parseFilesUrl } from "@/server/files/files-url";
import type { Context } from "@/server/process/context";
import { hasChdb } from "./install";
import { serveObjects } from "./object-server";
import { startClickhouse, type TestClickhouse } from "./server";

export interface TestRemote extends TestClickhouse {
  readonly engine: RemoteEngine;
  /** Opens another engine. */
  readonly open: (url: string) => RemoteEngine;
  /** Stops the server of the objects. */
  readonly closeObjects: () => Promise<void>;
}

/** The same context, whose queries of segments are run by ClickHouse. */
export function withRemoteEngine(ctx: Context, { engine }: TestRemote): Context {
  const all = ctx.files.all.map((store) => Object.create(store, { target: { value: { kind: "s3" } } }));
  return {
    ...ctx,
    files: Object.create(ctx.files, { all: { value: all } }),
    columnar: { ...ctx.columnar, remote: engine },
  };
}

/**
 * Starts ClickHouse's engine, which reads the files of a folder as objects, for the tests of a file.
 * @returns undefined if it is not installed
 */
export async function startRemoteEngine(folder: string): Promise<TestRemote | undefined> {
  if (!hasChdb()) {
    process.stderr.write("The tests of ClickHouse are skipped: npm test installs its engine.\n");
    return undefined;
  }
  const objects = await serveObjects(folder);
  const clickhouse = await startClickhouse();
  process.env.AWS_ACCESS_KEY_ID ??= "test";
  process.env.AWS_SECRET_ACCESS_KEY ??= "test-secret";
  const store = parseFilesUrl(objects.url);
  if (typeof store === "string") throw new Error(store);
  const open = (url: string) => openClickhouse({ url, memoryBytes: 1e9, store });
  const engine = open(clickhouse.url);
  afterAll(async () => {
    await engine.close();
    await Promise.all([clickhouse.close(), objects.close()]);
  });
  return { ...clickhouse, engine, open, closeObjects: objects.close };
}
