"use client";

import { Checkbox, Text, UnstyledButton } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { formatTime } from "../ui/time";
import { useCodedError } from "../ui/use-coded-error";
import type { DeadLetter } from "./dead-letter";
import classes from "./letter-row.module.css";

/** A row shows one line; the drawer shows the full payload. */
const SHOWN_CHARACTERS = 300;

interface Props {
  letter: DeadLetter;
  /** Null if the user may not act on it. */
  ticked: boolean | null;
  onTick: (on: boolean) => void;
  onOpen: () => void;
}

export function LetterRow({ letter, ticked, onTick, onOpen }: Props) {
  const t = useTranslations("deadLetters");
  const problemText = useCodedError();
  const timeZone = useTimeZone() ?? "UTC";
  return (
    <div className={classes.row} data-letter={letter.id}>
      {ticked !== null && (
        <Checkbox
          aria-label={t("select")}
          checked={ticked}
          onChange={(event) => onTick(event.currentTarget.checked)}
          className={classes.tick}
        />
      )}
      <UnstyledButton className={classes.open} onClick={onOpen} aria-haspopup="dialog">
        <span className={classes.head}>
          <Text component="span" size="sm" fw={500} className={classes.error}>
            {problemText(letter.error)}
          </Text>
          <Text component="span" size="xs" c="dimmed" className={classes.time}>
            {formatTime(letter.last_seen_at, timeZone)}
          </Text>
        </span>
        <span className={classes.payload}>{letter.payload.slice(0, SHOWN_CHARACTERS)}</span>
      </UnstyledButton>
    </div>
  );
}
