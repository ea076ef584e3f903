"use client";

import { Drawer, Skeleton } from "@mantine/core";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { QueryError } from "../ui/query-error";
import { useOpened } from "../ui/use-opened";
import type { DeadLetter } from "./dead-letter";
import { LetterDetails } from "./letter-details";
import { LetterReplay } from "./letter-replay";

interface Props {
  letter: DeadLetter | null;
  onClose: () => void;
  /** Called when a replay failed again, with the new reason. */
  onFailedAgain: (letter: DeadLetter) => void;
}

/** The details and actions of a dead letter. */
export function LetterDrawer({ letter, onClose, onFailedAgain }: Props) {
  const t = useTranslations();
  const trpc = useTRPC();
  // Lists contain only the start of a long payload.
  const whole = useQuery(trpc.deadLetters.read.queryOptions(letter?.payload_truncated ? { id: letter.id } : skipToken));
  return (
    <Drawer
      opened={useOpened(letter !== null)}
      onClose={onClose}
      position="right"
      size="xl"
      title={t("deadLetters.drawerTitle")}
    >
      {letter && (
        <>
          <LetterDetails letter={letter} />
          <QueryError query={whole} />
          {whole.isLoading && <Skeleton h={360} />}
          {!whole.error && !whole.isLoading && (
            <LetterReplay
              key={letter.id}
              letter={{ ...letter, payload: whole.data?.payload ?? letter.payload }}
              onGone={onClose}
              onFailedAgain={onFailedAgain}
            />
          )}
        </>
      )}
    </Drawer>
  );
}
