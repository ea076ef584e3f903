import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { withSnapshot } from "@/server/db/snapshot";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { countUpTo } from "@/server/services/logs";
import { retried, writeMatching } from "../archived/with-archived-rows";
import { EXPORT_FORMATS } from "../formats";
import { tooManyRows } from "../too-many-rows";
import { type CombinedExport, planCombined } from "./plan-combined";

/**
 * Streams the matching rows of all log tables from one snapshot, with archived rows if requested, in the form and under
 * the limits of exports. No file is stored. A stream that fails is cut off, so that the download fails too.
 * @throws AppError before the first byte: UNPROCESSABLE for an invalid filter and for more rows than the limit,
 * archive.not_searchable, files.*, columnar.*
 */
export async function streamCombined(
  ctx: Context,
  principal: Principal,
  request: CombinedExport,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { query, format } = request;
  const { limit } = planCombined(ctx.config, request);
  await checkLimit(ctx, request, limit);
  await recordAudit(ctx, principal, "export.start", { export_type: "timeline", format, ...query });
  const body = new PassThrough();
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  body.once("close", () => stop.abort());
  await new Promise<void>((resolve, reject) => {
    write(ctx, request, body, ended, resolve).catch((error: unknown) => {
      reject(error);
      if (!ended.aborted) ctx.log.warn({ err: error }, "a timeline could not be exported");
      body.destroy(error instanceof Error ? error : undefined);
    });
  });
  return Readable.toWeb(body) as ReadableStream<Uint8Array>;
}

async function checkLimit(ctx: Context, { query }: CombinedExport, limit: number | null): Promise<void> {
  if (limit === null) return;
  const counts = await Promise.all(LOG_TABLE_NAMES.map((table) => countUpTo(ctx, table, query, limit)));
  if (counts.reduce((sum, { count }) => sum + count, 0) > limit) throw tooManyRows(limit);
}

/** @param onBegin called with the first block, or at the end of an empty file */
async function write(
  ctx: Context,
  request: CombinedExport,
  body: PassThrough,
  signal: AbortSignal,
  onBegin: () => void,
): Promise<void> {
  const plan = planCombined(ctx.config, request);
  const { timeZone } = ctx.config;
  const source = { url: ctx.db.url, applicationName: "batch-console export", timeZone: "UTC", tables: plan.tables };
  const onRows = (_sheet: number, rows: number) => {
    if (plan.limit !== null && rows > plan.limit) throw tooManyRows(plan.limit);
  };
  const folder = plan.archived.length > 0 ? await ctx.columnar.makeFolder() : null;
  let isRead = false;
  const attempt = () =>
    withSnapshot(source, signal, async (tx) => {
      if (folder !== null) await copyArchived(ctx, tx, request, plan, folder, signal);
      isRead = true;
      await tx`select set_config('timezone', ${timeZone}, true)`;
      const blocks = EXPORT_FORMATS[request.format].write(tx, plan, onRows, { columnar: ctx.columnar, signal });
      await pipeline(copied(blocks, onBegin), body, { signal });
    });
  try {
    await retried(ctx, signal, attempt, () => isRead);
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

/** The memory of a block is reused for the next one. */
async function* copied(blocks: AsyncIterable<Buffer>, onBegin: () => void): AsyncGenerator<Buffer, void> {
  for await (const block of blocks) {
    onBegin();
    yield Buffer.from(block);
  }
  onBegin();
}

async function copyArchived(
  ctx: Context,
  tx: Transaction,
  { query }: CombinedExport,
  { archived, limit }: ReturnType<typeof planCombined>,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { table, create, copy } of archived) {
    const file = path.join(folder, `${table}.csv`);
    await writeMatching(ctx, { params: query, signal, progress: () => {} }, { tx, table, limit }, file);
    await tx.unsafe(create);
    await pipeline(createReadStream(file), await tx.unsafe(copy).writable(), { signal });
  }
}
