"use client";

import { Button, Center, EmptyState, Title } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import type { JobOf } from "../jobs/use-job-watch";
import { refetchEvery } from "../refetch-every";
import { useTRPC, useTRPCClient } from "../trpc";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { RowsSkeleton } from "../ui/rows-skeleton";
import type { ExportChoices } from "./export-choices";
import classes from "./export-list.module.css";
import { FinishedExport } from "./finished-export";

const PAGE = 20;
/** Other users download and delete as well. */
const REFRESH_MS = 20_000;

interface Props {
  /** Newest first; null while unknown. */
  jobs: readonly JobOf<"export">[] | null;
  onEdit: (choices: Partial<ExportChoices>) => void;
}

/** The files available for download, newest first. */
export function FinishedExports({ jobs, onEdit }: Props) {
  const t = useTranslations();
  const trpc = useTRPC();
  const server = useTRPCClient();
  const queryClient = useQueryClient();
  const input = { limit: PAGE };
  // Not infiniteQueryOptions: that adds a `direction` to the input, which the server does not know.
  const list = useInfiniteQuery({
    queryKey: trpc.exports.list.infiniteQueryKey(input),
    queryFn: ({ pageParam, signal }) =>
      server.exports.list.query({ ...input, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: refetchEvery(REFRESH_MS),
  });
  const completed = jobs?.find((job) => job.status === "completed")?.job_id;
  // A completed job is a new file.
  useEffect(() => {
    if (completed !== undefined) void queryClient.invalidateQueries(trpc.exports.list.pathFilter());
  }, [completed, queryClient, trpc]);

  const title = useRef<HTMLHeadingElement>(null);
  const files = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel aria-labelledby="finished-exports" mb="lg" aria-busy={list.isPending}>
      <Title order={2} id="finished-exports" className={classes.title} ref={title} tabIndex={-1}>
        {t("exports.finished")}
      </Title>
      {list.isPending && <RowsSkeleton />}
      {files.length === 0 && <QueryError query={list} px="lg" pb="lg" />}
      {list.data && files.length === 0 && (
        <EmptyState
          icon={<IconFileExport stroke={1.6} />}
          py={40}
          title={t("exports.emptyTitle")}
          description={t("exports.emptyHint")}
        />
      )}
      <ul className={classes.list}>
        {files.map((file) => (
          <FinishedExport key={file.export_id} file={file} onEdit={onEdit} onDeleted={() => title.current?.focus()} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Center p="sm">
          <Button size="xs" variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            {t("exports.loadMore")}
          </Button>
        </Center>
      )}
    </Panel>
  );
}
