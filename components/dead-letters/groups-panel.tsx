"use client";

import { ActionIcon, Menu, ScrollArea, Skeleton, Text, Title, UnstyledButton } from "@mantine/core";
import { IconDots, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { CodedError } from "@/server/catalog/errors";
import { useMay } from "../session";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import { useCodedError } from "../ui/use-coded-error";
import type { DeadLetterGroup } from "./dead-letter";
import classes from "./groups-panel.module.css";
import { useConfirmLetters } from "./use-confirm-letters";
import { useLetterActions } from "./use-letter-actions";

interface Props {
  /** Null while they load. */
  groups: readonly DeadLetterGroup[] | null;
  onShow: (group: { queue: LogTableName; error: CodedError }) => void;
}

/** Dead letters by reason, most frequent first; a group can be replayed or discarded at once. */
export function GroupsPanel({ groups, onShow }: Props) {
  const t = useTranslations("deadLetters");
  return (
    <Panel aria-labelledby="groups">
      <Title order={2} id="groups" px="md" pt="md" pb="xs">
        {t("groups")}
      </Title>
      {!groups && <Skeleton h={96} m="md" w="auto" />}
      <ScrollArea.Autosize mah={300} type="auto">
        <ul className={classes.list}>
          {groups?.map((group) => (
            <Group key={`${group.queue} ${JSON.stringify(group.error)}`} group={group} onShow={onShow} />
          ))}
        </ul>
      </ScrollArea.Autosize>
    </Panel>
  );
}

function Group({ group, onShow }: { group: DeadLetterGroup; onShow: Props["onShow"] }) {
  const t = useTranslations();
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const allowed = useMay("dead-letters.replay");
  const { replay, discard } = useLetterActions();
  const { confirmReplay, confirmDiscard } = useConfirmLetters();
  const problemText = useCodedError();
  const queue = LOG_TABLE_NAMES.find((name) => name === group.queue);
  if (!queue) return null;
  const selection = { queue, error: group.error };
  const reason = problemText(group.error);

  return (
    <li className={classes.item}>
      <UnstyledButton className={classes.show} onClick={() => onShow({ queue, error: group.error })}>
        <span className={classes.count}>{format.number(group.count)}</span>
        <span className={classes.reason}>
          <Text component="span" size="sm" fw={500} className={classes.text}>
            {reason}
          </Text>
          <Text component="span" size="xs" c="dimmed">
            {t(`tables.${queue}`)} · {t("deadLetters.lastSeen")} {formatTime(group.last_seen_at, timeZone)}
          </Text>
        </span>
      </UnstyledButton>
      {allowed && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              loading={replay.isPending || discard.isPending}
              aria-label={t("deadLetters.groupActions", { reason })}
            >
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconRefresh size={16} stroke={1.6} />}
              onClick={() => confirmReplay(group.count, () => replay.mutate(selection))}
            >
              {t("deadLetters.replayGroup")}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} stroke={1.6} />}
              onClick={() => confirmDiscard(group.count, () => discard.mutate(selection))}
            >
              {t("deadLetters.discardGroup")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}
