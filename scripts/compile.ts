import { build } from "esbuild";
import { programs } from "@/server/process/programs.mjs";

/**
 * Compiles programs with their local imports into `outdir`. Packages are not bundled, so `outdir` must be inside this
 * folder.
 * @param entryPoints the sources by the names of the output files
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
 * Compiles the product's programs and `more` into `outdir`, and makes processes and threads started by this process use
 * them. They run the current code and start as fast as from a build.
 */
export async function compileForChildren(outdir: string, more: Record<string, string> = {}): Promise<void> {
  await compile({ ...programs, ...more }, outdir);
  process.env.PROGRAM_FOLDER = outdir;
}
