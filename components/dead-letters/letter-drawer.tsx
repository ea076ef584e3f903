"use client";

import { Drawer } from "@mantine/core";
import { useTranslations } from "next-intl";
import type { DeadLetter } from "./dead-letters-page";
import { LetterDetails } from "./letter-details";
import { LetterReplay } from "./letter-replay";

interface Props {
  letter: DeadLetter | null;
  onClose: () => void;
  /** The letter was replayed and failed again, with this reason now. */
  onStillDead: (letter: DeadLetter) => void;
}

/** One dead letter, whole, with all that can be done about it. */
export function LetterDrawer({ letter, onClose, onStillDead }: Props) {
  const t = useTranslations();
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
          <LetterReplay key={letter.id} letter={letter} onGone={onClose} onStillDead={onStillDead} />
        </>
      )}
    </Drawer>
  );
}
