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
  onStillDead: (letter: DeadLetter) => void;
}

/** The original text, to be mended and replayed, replayed as it is, or discarded. */
export function LetterReplay({ letter, onGone, onStillDead }: Props) {
  const t = useTranslations("deadLetters");
  const tCommon = useTranslations("common");
  const isAdmin = useMay("dead-letters.replay");
  const [text, setText] = useState(letter.payload);
  const { replay, discard } = useLetterActions();
  const { confirmDiscard } = useConfirmLetters();
  const mended = text !== letter.payload;
  const problem = letter.format === "json" && mended ? jsonProblem(text) : null;
  const selection = { ids: [letter.id] };

  const replayIt = () =>
    replay.mutate(
      { selection, payload: mended ? text : undefined },
      {
        onSuccess: ({ still_dead, errors }) => {
          if (still_dead === 0) return onGone();
          onStillDead({ ...letter, attempts: letter.attempts + 1, error: errors[0]?.message ?? letter.error });
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
        label={isAdmin ? t("mendLabel") : t("original")}
        description={isAdmin ? t("mendHint") : tCommon("adminOnly")}
        readOnly={!isAdmin}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={problem && t("invalidJson", { message: problem })}
        // Measuring a text of a megabyte on each key would be felt.
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
          <Button leftSection={<IconRefresh size={16} />} loading={replay.isPending} onClick={replayIt}>
            {mended ? t("replayMended") : t("replayAsIs")}
          </Button>
          {mended && (
            <Button variant="default" onClick={() => setText(letter.payload)}>
              {t("mendReset")}
            </Button>
          )}
          <Button
            ml="auto"
            variant="light"
            color="red"
            leftSection={<IconTrash size={16} />}
            loading={discard.isPending}
            onClick={() => confirmDiscard(1, () => discard.mutate({ selection }, { onSuccess: onGone }))}
          >
            {t("discard")}
          </Button>
        </Group>
      )}
    </>
  );
}
