"use client";

import { Drawer, Skeleton } from "@mantine/core";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { ErrorState } from "../ui/error-state";
import type { DeadLetter } from "./dead-letter";
import { LetterDetails } from "./letter-details";
import { LetterReplay } from "./letter-replay";

interface Props {
  letter: DeadLetter | null;
  onClose: () => void;
  /** The letter was replayed and failed again, with this reason now. */
  onFailedAgain: (letter: DeadLetter) => void;
}

/** One dead letter, whole, with all that can be done about it. */
export function LetterDrawer({ letter, onClose, onFailedAgain }: Props) {
  const t = useTranslations();
  const trpc = useTRPC();
  // Lists have only the beginning of a long text.
  const whole = useQuery(trpc.deadLetters.read.queryOptions(letter?.payload_truncated ? { id: letter.id } : skipToken));
  return (
    <Drawer
      opened={letter !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={t("deadLetters.drawerTitle")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {letter && (
        <>
          <LetterDetails letter={letter} />
          {whole.error && (
            <ErrorState error={whole.error} onRetry={() => whole.refetch()} retrying={whole.isFetching} />
          )}
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
