"use client";

import { ActionIcon, Badge, Group, Menu, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import {
  IconCalendarX,
  IconDots,
  IconKey,
  IconLink,
  IconLogout,
  IconTrash,
  IconUserCheck,
  IconUserOff,
} from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { usePrincipal } from "../session";
import type { RouterOutputs } from "../trpc";
import { formatTime } from "../ui/time";
import { ExpiryForm, lastDay } from "./expiry-form";
import { RoleSelect } from "./role-select";
import classes from "./rows.module.css";
import { useUserActions } from "./use-user-actions";

type User = RouterOutputs["users"]["list"][number];

export function UserRow({ user }: { user: User }) {
  const t = useTranslations("accounts");
  const { id: own } = usePrincipal();
  const actions = useUserActions();
  const { id, email, role } = user;
  const isDisabled = user.disabled_at !== null;
  const isOwn = id === own;
  const isExpired = user.expires_at !== null && Date.parse(user.expires_at) <= Date.now();
  const changeExpiry = () =>
    modals.open({
      modalId: EXPIRY,
      title: t("expiryTitle", { email }),
      children: <ExpiryForm user={user} onDone={() => modals.close(EXPIRY)} />,
    });
  return (
    <div className={classes.row} data-testid="user" data-off={isDisabled || isExpired || undefined}>
      <div className={classes.main}>
        <Group gap={8}>
          <Text size="sm" fw={600}>
            {email}
          </Text>
          {isOwn && (
            <Badge size="sm" variant="light" tt="none">
              {t("you")}
            </Badge>
          )}
          {isDisabled && (
            <Badge size="sm" variant="light" color="gray" tt="none">
              {t("disabled")}
            </Badge>
          )}
          {!isDisabled && isExpired && (
            <Badge size="sm" variant="light" color="gray" tt="none">
              {t("expired")}
            </Badge>
          )}
          {!isDisabled && !user.has_password && (
            <Badge size="sm" variant="light" color="yellow" tt="none">
              {t("waiting")}
            </Badge>
          )}
        </Group>
        <LastSeen user={user} />
      </div>
      <Group gap="xs" wrap="nowrap">
        <RoleSelect
          label={t("roleOf", { email })}
          hideLabel
          value={role}
          disabled={isDisabled}
          onChange={(next) => actions.changeRole({ id, role: next })}
        />
        <Menu position="bottom-end" width={230} disabled={isOwn}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t("more", { email })} disabled={isOwn}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {!isDisabled && user.has_password && (
              <Menu.Item leftSection={<IconKey size={16} />} onClick={() => actions.reset(id, email)}>
                {t("reset")}
              </Menu.Item>
            )}
            {!isDisabled && !user.has_password && (
              <Menu.Item leftSection={<IconLink size={16} />} onClick={() => actions.renewLink(id)}>
                {t("renewLink")}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconCalendarX size={16} />} onClick={changeExpiry}>
              {t("changeExpiry")}
            </Menu.Item>
            {user.sessions > 0 && (
              <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => actions.endSessions(id, email)}>
                {t("endSessions")}
              </Menu.Item>
            )}
            {isDisabled ? (
              <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => actions.enable({ id })}>
                {t("enable")}
              </Menu.Item>
            ) : (
              <Menu.Item leftSection={<IconUserOff size={16} />} onClick={() => actions.disable(id, email)}>
                {t("disable")}
              </Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item
              c="var(--app-bad)"
              leftSection={<IconTrash size={16} />}
              onClick={() => actions.remove(id, email)}
            >
              {t("delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </div>
  );
}

const EXPIRY = "account-expiry";

function LastSeen({ user }: { user: User }) {
  const t = useTranslations("accounts");
  const timeZone = useTimeZone() ?? "UTC";
  const parts = [
    user.last_seen_at ? t("lastSeen", { time: formatTime(user.last_seen_at, timeZone) }) : t("notSignedIn"),
    ...(user.expires_at ? [t("lastDay", { date: lastDay(user.expires_at, timeZone) })] : []),
    ...(user.sessions > 0 ? [t("sessionCount", { count: user.sessions })] : []),
    ...(user.link_expires_at ? [t("linkUntil", { time: formatTime(user.link_expires_at, timeZone) })] : []),
  ];
  return (
    <Text size="xs" c="dimmed">
      {parts.join(" · ")}
    </Text>
  );
}
