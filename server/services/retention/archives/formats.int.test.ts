import { appendFile, cp, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { LOCKS } from "@/server/db/advisory-locks";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { archivedVersions, cleanupParams, jobRun, tableVersions } from "@/server/testing/cleanup";
import { PER_MONTH, setUpFilledLogs } from "@/server/testing/filled-logs";
import { cleanLogTable } from "../cleanup/clean-log-table";
import { runRestore } from "../restore/run-restore";
import { convertArchives } from "./convert";
import { verifyArchive } from "./verify";

let ctx: Context;
const { clean, cleanToCsv } = setUpFilledLogs((context) => {
  ctx = context;
});

const archives = () => ctx.db.sql<{ id: string; path: string }[]>`
  select id, path from archives order by created_at`;

const fileOf = (key: string) => path.join(ctx.config.dataDir, key);

const convert = (ids: string[] = [], signal = new AbortController().signal, onArchive = () => {}) =>
  convertArchives(ctx, ids, { signal, onArchive });

async function everything(): Promise<string[]> {
  return [...(await tableVersions(ctx, "access_logs")), ...(await archivedVersions(ctx, "access_logs"))].sort();
}

async function archiveFiles(): Promise<string[]> {
  const files = await readdir(fileOf("archives/access_logs"), { recursive: true });
  return files.filter((file) => file.includes(".")).sort();
}

describe("an archive", () => {
  test("is a Parquet file with every value of every row, which is verified and restored", async () => {
    const before = await everything();
    await clean();
    expect(await everything()).toEqual(before);
    const [first] = await archives();
    expect(first?.path).toMatch(/\.parquet$/);
    const id = first?.id ?? "";
    expect(await verifyArchive(ctx, COMMAND_LINE, id)).toMatchObject({ ok: true, rows: PER_MONTH });
    expect(await runRestore(ctx, jobRun({ archive_id: id }))).toMatchObject({ restored_count: PER_MONTH });
    expect(new Set(await everything())).toEqual(new Set(before));
  });

  test("is a CSV file where the columnar engine is unavailable, so that the cleanup still frees the table", async () => {
    const before = await everything();
    const result = await cleanToCsv();
    expect(result).toMatchObject({ deleted_count: result.matched_count, archived_count: result.matched_count });
    expect(result.archive_files.every((file) => file.endsWith(".csv.gz"))).toBe(true);
    expect(await everything()).toEqual(before);
    expect((await archiveFiles()).filter((file) => file.includes("parquet") || file.endsWith(".partial"))).toEqual([]);
  });

  test("in Parquet loses no row of the table while the engine is unavailable: the cleanup fails and names the reason", async () => {
    await clean();
    const [first] = await archives();
    await runRestore(ctx, jobRun({ archive_id: first?.id ?? "" }));
    const before = await tableVersions(ctx, "access_logs");
    await expect(cleanToCsv()).rejects.toMatchObject({ cause: { code: "columnar.engine_failed" } });
    expect(await tableVersions(ctx, "access_logs")).toEqual(before);
    const [{ problem } = { problem: "" }] = await ctx.db.sql<{ problem: string | null }[]>`
      select problem from archives where id = ${first?.id ?? ""}`;
    expect(problem).toBeNull();
  });
});

describe("converting CSV archives", () => {
  test("replaces each file by a Parquet file with the same rows, verified, and can be repeated", async () => {
    const before = await everything();
    const { archive_files } = await cleanToCsv();
    const total = archive_files.length;
    expect(await convert()).toMatchObject({ converted: total, damaged: 0, elsewhere: 0 });
    expect(await everything()).toEqual(before);
    const files = await archiveFiles();
    expect(files).toHaveLength(2 * total);
    expect(files.every((file) => file.includes(".parquet"))).toBe(true);
    for (const { id } of await archives())
      expect(await verifyArchive(ctx, COMMAND_LINE, id)).toMatchObject({ ok: true });
    expect(await convert()).toMatchObject({ converted: 0 });
  });

  test("converts only the requested ones", async () => {
    await cleanToCsv();
    const [, second] = await archives();
    expect(await convert([second?.id ?? ""])).toMatchObject({ converted: 1 });
    expect((await archives()).map(({ path: key }) => key.endsWith(".parquet"))).toEqual([false, true, false]);
  });

  test("that was interrupted is completed by the next one, without unused files", async () => {
    const before = await everything();
    await cleanToCsv();
    const [first] = await archives();
    const csv = fileOf(first?.path ?? "");
    await cp(csv, `${csv}.copy`);
    const stop = new AbortController();
    await expect(convert([], stop.signal, () => stop.abort())).rejects.toThrow();
    // As if it had been killed after the record was changed, and before another one was.
    await cp(`${csv}.copy`, csv);
    const [, second] = await archives();
    const unfinished = fileOf((second?.path ?? "").replace(".csv.gz", ".parquet"));
    await writeFile(unfinished, "PAR1");
    expect(await everything()).toEqual(before);
    expect(await convert()).toMatchObject({ converted: 2 });
    expect(await everything()).toEqual(before);
    expect((await archiveFiles()).filter((file) => !file.includes(".parquet") && !file.endsWith(".copy"))).toEqual([]);
  });

  test("waits for no backup that still needs the old files: it is refused, and nothing is changed", async () => {
    await cleanToCsv();
    const files = await archiveFiles();
    const sql = ctx.db.sql;
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock_shared(${LOCKS.archiveFiles}, 0)`;
      await expect(convert()).rejects.toMatchObject({ code: "archive.backup_running" });
    });
    expect((await convert()).converted).toBe(files.length / 2);
  });

  test("leaves a corrupted archive as it is and reports it", async () => {
    await cleanToCsv();
    const [first] = await archives();
    await appendFile(fileOf(first?.path ?? ""), "x");
    expect(await convert()).toMatchObject({ damaged: 1 });
    expect((await archives())[0]).toEqual(first);
  });

  test("is refused while a cleanup of the table runs", async () => {
    await cleanToCsv();
    const refusal = expect.objectContaining({ code: "retention.table_busy" });
    let refused: unknown;
    await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams({ days_to_keep: 60 })), {
      dropTimeout: 0,
      onStep: async (step) => {
        if (step === "archive written") refused ??= await convert().catch((error: unknown) => error);
      },
    });
    expect(refused).toEqual(refusal);
  });
});
