"use client";

import { Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { ShowMore } from "@/components/ui/show-more";
import { ImportRow } from "./import-row";

const ACTIVE_REFRESH_MS = 1_500;
const REFRESH_MS = 15_000;

/** The imports, newest first, with their source, result and undo. */
export function ImportsPanel() {
  const t = useTranslations("import.list");
  const trpc = useTRPC();
  const list = useInfiniteQuery(
    trpc.imports.list.infiniteQueryOptions(
      { limit: 10 },
      {
        getNextPageParam: (page) => page.next_cursor ?? undefined,
        refetchInterval: ({ state }) => {
          const items = state.data?.pages.flatMap((page) => page.items) ?? [];
          return items.some(({ status }) => ["running", "storing", "undoing"].includes(status))
            ? ACTIVE_REFRESH_MS
            : REFRESH_MS;
        },
      },
    ),
  );
  const imports = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const pad = { base: "md", sm: "lg" };
  return (
    <Panel mt="lg" aria-labelledby="imports" pb="xs">
      <Title order={2} id="imports" px={pad} pt="md" pb="xs">
        {t("title")}
      </Title>
      {list.isPending && <RowsSkeleton />}
      {!list.data && <QueryError query={list} p="md" />}
      {list.data && imports.length === 0 && (
        <Text size="sm" c="dimmed" px={pad} pb="md">
          {t("none")}
        </Text>
      )}
      {imports.map((item) => (
        <ImportRow key={item.import_id} item={item} />
      ))}
      <ShowMore list={list} />
    </Panel>
  );
}
