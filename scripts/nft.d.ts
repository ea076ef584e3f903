/** The file tracer that `next build` uses. Next.js ships it without types. */
declare module "next/dist/compiled/@vercel/nft" {
  const tracer: {
    nodeFileTrace(
      files: string[],
      options: {
        base: string;
        processCwd: string;
        analysis: { computeFileReferences: boolean; emitGlobs: boolean };
        ignore: (file: string) => boolean;
      },
    ): Promise<{ fileList: Set<string> }>;
  };
  export default tracer;
}
