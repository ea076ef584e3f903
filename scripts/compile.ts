import { build } from "esbuild";

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
