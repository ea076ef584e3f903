"use client";

import { ActionIcon, Menu } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconCopy, IconDots, IconDownload, IconPencil, IconTrash, IconUserShare, IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { VISIBILITIES } from "@/server/catalog/dashboards";
import { useMay } from "../session";
import { useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { useErrorText } from "../ui/use-error-text";
import type { Dashboard, DashboardContent } from "./dashboard";
import { NameForm } from "./name-form";
import { OwnerForm } from "./owner-form";
import { ShareForm } from "./share-form";
import { readable, useDashboardActions } from "./use-dashboard-actions";

interface Props {
  name: string;
  content: DashboardContent;
  stored: Dashboard | null;
}

/** The actions for a whole dashboard: share, rename, duplicate, export, delete. */
export function DashboardMenu({ name, content, stored }: Props) {
  const t = useTranslations("dashboards");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const mayListUsers = useMay("users");
  const { duplicate, exportFile, remove, giveTo } = useDashboardActions();
  const saving = useMutation(
    trpc.dashboards.save.mutationOptions({
      onSuccess: () => notifyDone(t("saved", { name })),
      onError: (error) => notifyFailed(t("failed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.dashboards.pathFilter()),
    }),
  );
  const change = (changed: Partial<Pick<Dashboard, "name" | "visibility">>) => {
    if (!stored) return;
    const { id, version, visibility } = stored;
    saving.mutate({ id, version, name, visibility, content: readable(content), ...changed });
  };
  const ask = (modalId: string, title: string, form: (close: () => void) => React.ReactNode) =>
    modals.open({ modalId, title, children: form(() => modals.close(modalId)) });

  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t("actions")}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {stored?.can_manage && (
          <>
            <Menu.Label>{t("share")}</Menu.Label>
            <Menu.RadioGroup
              value={stored.visibility}
              onChange={(value) => {
                const visibility = VISIBILITIES.find((known) => known === value);
                if (visibility && visibility !== stored.visibility) change({ visibility });
              }}
            >
              {VISIBILITIES.map((value) => (
                <Menu.RadioItem key={value} value={value}>
                  {t(`visibility.${value}`)}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Item
              leftSection={<IconUsers size={15} />}
              onClick={() =>
                ask("dashboard-share", t("sharing.title"), (close) => (
                  <ShareForm id={stored.id} name={name} mayListUsers={mayListUsers} onDone={close} />
                ))
              }
            >
              {t("sharing.open")}
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        {stored?.can_edit && (
          <Menu.Item
            leftSection={<IconPencil size={15} />}
            onClick={() =>
              ask("dashboard-rename", t("rename"), (close) => (
                <NameForm
                  initial={name}
                  onSubmit={(next) => {
                    close();
                    change({ name: next });
                  }}
                />
              ))
            }
          >
            {t("rename")}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => duplicate(name, content)}>
          {t("duplicate")}
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => exportFile({ name, content })}>
          {t("export")}
        </Menu.Item>
        {stored?.can_manage && mayListUsers && (
          <Menu.Item
            leftSection={<IconUserShare size={15} />}
            onClick={() =>
              ask("dashboard-owner", t("changeOwner"), (close) => (
                <OwnerForm
                  onSubmit={(owner) => {
                    close();
                    giveTo(stored.id, owner);
                  }}
                />
              ))
            }
          >
            {t("changeOwner")}
          </Menu.Item>
        )}
        {stored?.can_manage && (
          <Menu.Item leftSection={<IconTrash size={15} />} c="var(--app-bad)" onClick={() => remove(stored.id, name)}>
            {t("remove")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
