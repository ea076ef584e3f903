"use client";

import { Button, Center, Checkbox, Group, Skeleton, Text, Title } from "@mantine/core";
import { IconRefresh, IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { useMay } from "../session";
import { useTRPC, useTRPCClient } from "../trpc";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import type { DeadLetter } from "./dead-letter";
import { LetterRow } from "./letter-row";
import { useConfirmLetters } from "./use-confirm-letters";
import { useLetterActions } from "./use-letter-actions";
import { type LetterFilters, letterQuery } from "./use-letter-filters";

interface Props {
  filters: LetterFilters;
  total: number | null;
  onOpen: (letter: DeadLetter) => void;
}

/** The dead letters, most recent first; selected ones can be replayed or discarded together. */
export function LettersPanel({ filters, total, onOpen }: Props) {
  const t = useTranslations();
  const format = useFormatter();
  const trpc = useTRPC();
  const server = useTRPCClient();
  const isAdmin = useMay("dead-letters.replay");
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const { replay, discard } = useLetterActions();
  const { confirmReplay, confirmDiscard } = useConfirmLetters();
  const input = letterQuery(filters);
  // Not infiniteQueryOptions: that adds a `direction` to the input, which the server does not know.
  const list = useInfiniteQuery({
    queryKey: trpc.deadLetters.list.infiniteQueryKey(input),
    queryFn: ({ pageParam, signal }) =>
      server.deadLetters.list.query({ ...input, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const letters = list.data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = letters.filter((letter) => ticked.has(letter.id)).map((letter) => letter.id);
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };

  return (
    <Panel aria-labelledby="letters" pb="xs">
      <Group px="md" py="sm" gap="sm" mih={60}>
        {isAdmin && letters.length > 0 && (
          <Checkbox
            aria-label={t("deadLetters.selectAll")}
            checked={chosen.length === letters.length}
            indeterminate={chosen.length > 0 && chosen.length < letters.length}
            onChange={(event) => setTicked(new Set(event.currentTarget.checked ? letters.map(({ id }) => id) : []))}
          />
        )}
        <Title order={2} id="letters">
          {t("deadLetters.list")}
        </Title>
        {chosen.length > 0 && (
          <Group gap="xs" ml="auto">
            <Text size="sm" c="dimmed" role="status">
              {t("deadLetters.selected", { count: chosen.length })}
            </Text>
            <Button
              size="xs"
              leftSection={<IconRefresh size={15} />}
              loading={replay.isPending}
              onClick={() => confirmReplay(chosen.length, () => replay.mutate({ ids: chosen }))}
            >
              {t("deadLetters.replay")}
            </Button>
            <Button
              size="xs"
              color="red"
              variant="light"
              leftSection={<IconTrash size={15} />}
              loading={discard.isPending}
              onClick={() => confirmDiscard(chosen.length, () => discard.mutate({ ids: chosen }))}
            >
              {t("deadLetters.discard")}
            </Button>
          </Group>
        )}
      </Group>
      {list.isPending && ROWS.map((row) => <Skeleton key={row} h={44} mx="md" my="xs" w="auto" />)}
      {letters.length === 0 && <QueryError query={list} px="md" pb="md" />}
      {letters.map((letter) => (
        <LetterRow
          key={letter.id}
          letter={letter}
          ticked={isAdmin ? ticked.has(letter.id) : null}
          onTick={(on) => tick(letter.id, on)}
          onOpen={() => onOpen(letter)}
        />
      ))}
      {letters.length > 0 && (
        <Center p="sm">
          <Text size="xs" c="dimmed" mr="md">
            {t("deadLetters.showing", {
              shown: format.number(letters.length),
              total: format.number(Math.max(total ?? 0, letters.length)),
            })}
          </Text>
          {list.hasNextPage && (
            <Button size="xs" variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
              {t("deadLetters.loadMore")}
            </Button>
          )}
        </Center>
      )}
    </Panel>
  );
}

const ROWS = ["first", "second", "third", "fourth", "fifth"];
