"use client";

import { ActionIcon, Box, Menu, Skeleton, Text, Title, UnstyledButton } from "@mantine/core";
import { IconDots, IconPencil, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { CodedError } from "@/server/catalog/errors";
import { useMay } from "../session";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import { useCodedError } from "../ui/use-coded-error";
import type { DeadLetterGroup, OpenedGroup } from "./dead-letter";
import { GroupDrawer } from "./group-drawer";
import classes from "./groups-panel.module.css";
import { TrendBars } from "./trend-bars";
import { useConfirmLetters } from "./use-confirm-letters";
import { useLetterActions } from "./use-letter-actions";
import { useProducerText } from "./use-producer-text";
import { useStartReplay } from "./use-start-replay";

/** More are replayed by a job. */
const MAX_AT_ONCE = 1_000;

interface Props {
  /** Null while they load. */
  groups: readonly DeadLetterGroup[] | null;
  /** The text that narrows them. */
  search: string | undefined;
  onShow: (group: { queue: LogTableName; error: CodedError }) => void;
}

/** Dead letters by reason, most frequent first; a group can be replayed or discarded at once. */
export function GroupsPanel({ groups, search, onShow }: Props) {
  const t = useTranslations("deadLetters");
  const [opened, setOpened] = useState<OpenedGroup | null>(null);
  return (
    <Panel aria-labelledby="groups">
      <Title order={2} id="groups" px="md" pt="md" pb="xs">
        {t("groups")}
      </Title>
      {!groups && <Skeleton h={96} m="md" w="auto" />}
      <Box mah={300} style={{ overflowY: "auto" }}>
        <ul className={classes.list}>
          {groups?.map((group) => (
            <Group
              key={`${group.queue} ${JSON.stringify(group.error)}`}
              group={group}
              search={search}
              onShow={onShow}
              onOpen={setOpened}
            />
          ))}
        </ul>
      </Box>
      <GroupDrawer opened={opened} search={search} onChange={setOpened} />
    </Panel>
  );
}

interface GroupProps extends Pick<Props, "search" | "onShow"> {
  group: DeadLetterGroup;
  onOpen: (opened: OpenedGroup) => void;
}

function Group({ group, search, onShow, onOpen }: GroupProps) {
  const t = useTranslations();
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const allowed = useMay("dead-letters.replay");
  const { replay, discard } = useLetterActions();
  const startReplay = useStartReplay();
  const producerText = useProducerText();
  const { confirmReplay, confirmDiscard } = useConfirmLetters();
  const problemText = useCodedError();
  const queue = LOG_TABLE_NAMES.find((name) => name === group.queue);
  if (!queue) return null;
  const selection = { queue, error: group.error, search };
  const producers = group.producers.map(producerText).join(t("deadLetters.separator"));
  const reason = problemText(group.error);

  const replayAll = () => {
    if (group.count <= MAX_AT_ONCE) return replay.mutate(selection);
    startReplay.mutate(selection, {
      onSuccess: ({ job_id }) => onOpen({ group: { ...group, queue }, jobId: job_id }),
    });
  };

  return (
    <li className={classes.item}>
      <UnstyledButton className={classes.show} onClick={() => onShow({ queue, error: group.error })}>
        <span className={classes.count}>{format.number(group.count)}</span>
        <span className={classes.reason}>
          <Text component="span" size="sm" fw={500} className={classes.text}>
            {reason}
          </Text>
          <Text component="span" size="xs" c="dimmed">
            {t(`tables.${queue}`)} · {t("deadLetters.firstSeen")} {formatTime(group.first_seen_at, timeZone)} ·{" "}
            {t("deadLetters.lastSeen")} {formatTime(group.last_seen_at, timeZone)}
          </Text>
          {producers !== "" && (
            <Text component="span" size="xs" c="dimmed" className={classes.text}>
              {t("deadLetters.producers", { names: producers })}
            </Text>
          )}
        </span>
        <TrendBars trend={group.trend} />
      </UnstyledButton>
      {allowed && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              loading={replay.isPending || startReplay.isPending || discard.isPending}
              aria-label={t("deadLetters.groupActions", { reason })}
            >
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconPencil size={16} stroke={1.6} />}
              onClick={() => onOpen({ group: { ...group, queue }, jobId: null })}
            >
              {t("deadLetters.editGroup")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconRefresh size={16} stroke={1.6} />}
              onClick={() => confirmReplay(group.count, replayAll)}
            >
              {t("deadLetters.replayGroup")}
            </Menu.Item>
            <Menu.Item
              c="var(--app-bad)"
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
