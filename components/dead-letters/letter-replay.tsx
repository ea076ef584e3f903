"use client";

import { Button, Code, Group, Text, Textarea } from "@mantine/core";
import { IconRefresh, IconTrash } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useMay } from "../session";
import type { DeadLetter } from "./dead-letter";
import { jsonProblem } from "./json-problem";
import classes from "./letter-replay.module.css";
import { useConfirmLetters } from "./use-confirm-letters";
import { useLetterActions } from "./use-letter-actions";

const MEASURED_CHARACTERS = 50_000;

interface Props {
  letter: DeadLetter;
  onGone: () => void;
  onFailedAgain: (letter: DeadLetter) => void;
}

/** The payload of a dead letter: edit and replay, replay unchanged, or discard. */
export function LetterReplay({ letter, onGone, onFailedAgain }: Props) {
  const t = useTranslations("deadLetters");
  const tCommon = useTranslations("common");
  const isAdmin = useMay("dead-letters.replay");
  const [text, setText] = useState(letter.payload);
  const { replay, discard } = useLetterActions();
  const { confirmDiscard } = useConfirmLetters();
  const isEdited = text !== letter.payload;
  const problem = letter.format === "json" && isEdited ? jsonProblem(text) : null;
  const selection = { ids: [letter.id] };

  const replayLetter = () =>
    replay.mutate(
      { ...selection, payload: isEdited ? text : undefined },
      {
        onSuccess: ({ still_dead, errors }) => {
          if (still_dead === 0) return onGone();
          onFailedAgain({ ...letter, attempts: letter.attempts + 1, error: errors[0]?.error ?? letter.error });
        },
      },
    );

  return (
    <>
      {letter.csv_header && (
        <div className={classes.header}>
          <Text size="sm" fw={500} mb={4}>
            {t("csvHeader")}
          </Text>
          <Code block>{letter.csv_header}</Code>
        </div>
      )}
      <Textarea
        label={isAdmin ? t("payload") : t("original")}
        description={isAdmin ? t("payloadHint") : tCommon("adminOnly")}
        readOnly={!isAdmin}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={problem && t("invalidJson", { message: problem })}
        // Measuring a megabyte of text on each key stroke is slow.
        autosize={text.length < MEASURED_CHARACTERS}
        rows={18}
        minRows={4}
        maxRows={18}
        spellCheck={false}
        autoCapitalize="off"
        dir="ltr"
        classNames={{ input: classes.text }}
      />
      {isAdmin && (
        <Group mt="md" gap="xs">
          <Button leftSection={<IconRefresh size={16} />} loading={replay.isPending} onClick={replayLetter}>
            {isEdited ? t("replayEdited") : t("replayUnchanged")}
          </Button>
          {isEdited && (
            <Button variant="default" onClick={() => setText(letter.payload)}>
              {t("restoreOriginal")}
            </Button>
          )}
          <Button
            ml="auto"
            variant="light"
            color="red"
            leftSection={<IconTrash size={16} />}
            loading={discard.isPending}
            onClick={() => confirmDiscard(1, () => discard.mutate(selection, { onSuccess: onGone }))}
          >
            {t("discard")}
          </Button>
        </Group>
      )}
    </>
  );
}
