import { build } from "esbuild";
import { programs } from "@/server/process/programs.mjs";

/**
 * Compiles programs, each with all that it imports of ours, into `outdir`; the packages stay where they are, so it
 * must be inside this folder.
 * @param entryPoints the sources by the names of the files to make
 */
export async function compile(entryPoints: Record<string, string>, outdir: string): Promise<void> {
  await build({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
}

/**
 * Compiles the product's programs and `more` into `outdir`, where the processes and threads that this process starts
 * find them: so they run the code as it is now, and start as fast as from a build.
 */
export async function compileForChildren(outdir: string, more: Record<string, string> = {}): Promise<void> {
  await compile({ ...programs, ...more }, outdir);
  process.env.PROGRAM_FOLDER = outdir;
}
