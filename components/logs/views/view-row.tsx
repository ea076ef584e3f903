"use client";

import { ActionIcon, Menu, Text, UnstyledButton } from "@mantine/core";
import {
  IconBookmark,
  IconCheck,
  IconCopy,
  IconDeviceFloppy,
  IconDots,
  IconPencil,
  IconTrash,
  IconUsers,
  IconUsersMinus,
} from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./saved-views.module.css";
import type { SavedView } from "./use-saved-views";

interface Props {
  view: SavedView;
  isActive: boolean;
  onOpen: () => void;
  onCopy: () => void;
  onOverwrite: () => void;
  onShare: (isShared: boolean) => void;
  onRename: () => void;
  onRemove: () => void;
}

/** A view in the list: its name opens it, and the menu contains other actions. */
export function ViewRow({ view, isActive, onOpen, onCopy, onOverwrite, onShare, onRename, onRemove }: Props) {
  const t = useTranslations("logViews");
  return (
    <li className={classes.row} data-active={isActive || undefined}>
      <UnstyledButton className={classes.open} aria-current={isActive || undefined} title={view.name} onClick={onOpen}>
        {isActive ? (
          <IconCheck size={16} aria-hidden />
        ) : view.is_shared ? (
          <IconUsers size={16} stroke={1.5} aria-hidden />
        ) : (
          <IconBookmark size={16} stroke={1.5} aria-hidden />
        )}
        <span>
          {view.name}
          {view.is_shared && (
            <Text span display="block" size="xs" c="dimmed" fw={400} truncate>
              {view.is_own ? t("sharedByYou") : t("sharedBy", { owner: view.owner })}
            </Text>
          )}
        </span>
      </UnstyledButton>
      <Menu position="bottom-end" shadow="md" withinPortal={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("actions", { name: view.name })}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={onCopy}>
            {t("copyLink")}
          </Menu.Item>
          {view.can_change && (
            <>
              <Menu.Item
                leftSection={view.is_shared ? <IconUsersMinus size={15} /> : <IconUsers size={15} />}
                onClick={() => onShare(!view.is_shared)}
              >
                {view.is_shared ? t("unshare") : t("share")}
              </Menu.Item>
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={onRename}>
                {t("rename")}
              </Menu.Item>
              <Menu.Item leftSection={<IconDeviceFloppy size={15} />} disabled={isActive} onClick={onOverwrite}>
                {t("overwriteWith")}
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={15} />} c="var(--app-bad)" onClick={onRemove}>
                {t("remove")}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
