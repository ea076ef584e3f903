import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type RouterOutputs, useTRPCClient } from "@/components/trpc";
import type { LogTableName } from "@/server/catalog";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { Sample } from "./sample";

export type ImportPreview = RouterOutputs["importPreview"];
export type PreviewRecord = ImportPreview["records"][number];

export interface Reading {
  table?: LogTableName;
  format?: IntakeFormat;
  encoding?: string;
  /** The mapping; undefined: detected. */
  map?: string;
}

/** The server's preview of the start of a file; the server detects what is not chosen. */
export function usePreview(file: File, sample: Sample, chosen: Reading, preferred: LogTableName | undefined) {
  const client = useTRPCClient();
  const { isWhole, base64 } = sample;
  return useQuery({
    queryKey: ["importPreview", file.name, file.size, file.lastModified, chosen, preferred],
    queryFn: () =>
      client.importPreview.query({
        sample: base64,
        isWhole,
        preferred,
        lastModified: file.lastModified,
        ...chosen,
      }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}
