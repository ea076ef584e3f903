"use client";

import { Button, Popover, Skeleton, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconBookmarkFilled } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { notifyDone, notifyFailed } from "../../ui/notify";
import { QueryError } from "../../ui/query-error";
import classes from "./saved-views.module.css";
import { viewSearch } from "./search";
import { type SavedView, useSavedViews } from "./use-saved-views";
import { ViewNameForm } from "./view-name-form";
import { ViewRow } from "./view-row";

interface Props {
  table: BrowsedTableName;
  /** The page's URL query without the cursor, with or without `?`. */
  search: string;
  onOpen: (search: string) => void;
}

/** The saved views of the table, own and shared: open, save, share, rename, delete. */
export function SavedViews({ table, search, onOpen }: Props) {
  const t = useTranslations("logViews");
  const [opened, { toggle, close }] = useDisclosure(false);
  const [renamed, setRenamed] = useState<SavedView | null>(null);
  const { list, save, rename, overwrite, share, remove, isBusy } = useSavedViews(table);
  const current = viewSearch(search);
  const views = list.data ?? [];
  const active = views.find((view) => viewSearch(view.search) === current);
  const namesOf = (owner?: string) =>
    views.filter((view) => (owner === undefined ? view.is_own : view.owner === owner)).map(({ name }) => name);

  const copyLink = async (of: string) => {
    const link = `${window.location.origin}${window.location.pathname}${of === "" ? "" : `?${of}`}`;
    try {
      // Undefined without HTTPS.
      await navigator.clipboard.writeText(link);
      notifyDone(t("linkCopied"));
    } catch {
      notifyFailed(t("linkNotCopied"), link);
    }
  };
  const dismiss = () => {
    setRenamed(null);
    close();
  };
  // The failure has been reported; the dialog stays open for another attempt.
  const settle = (work: Promise<void>, then: () => void) => work.then(then, () => {});

  return (
    <Popover opened={opened} onChange={(open) => !open && dismiss()} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={active ? <IconBookmarkFilled size={16} /> : <IconBookmark size={16} stroke={1.7} />}
          onClick={toggle}
        >
          <span className={classes.label}>{active?.name ?? t("views")}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0} className={classes.dropdown} aria-label={t("views")}>
        <QueryError query={list} />
        {list.isPending && <Skeleton h={36} m="xs" w="auto" role="status" aria-label={t("loading")} />}
        {list.data?.length === 0 && (
          <Text size="sm" c="dimmed" px="sm" py="md">
            {t("none")}
          </Text>
        )}
        {views.length > 0 && (
          <ul className={classes.list} aria-label={t("views")}>
            {views.map((view) => (
              <ViewRow
                key={view.id}
                view={view}
                isActive={view === active}
                onOpen={() => {
                  dismiss();
                  onOpen(view.search);
                }}
                onCopy={() => copyLink(view.search)}
                onOverwrite={() => settle(overwrite(view, current), dismiss)}
                onShare={(isShared) => settle(share(view, isShared), () => {})}
                onRename={() => setRenamed(view)}
                onRemove={() => settle(remove(view), dismiss)}
              />
            ))}
          </ul>
        )}
        <div className={classes.foot}>
          {renamed ? (
            <ViewNameForm
              key={renamed.id}
              label={t("newName", { name: renamed.name })}
              submitLabel={t("rename")}
              initial={renamed.name}
              taken={namesOf(renamed.owner)}
              isBusy={isBusy}
              onSubmit={(name) => settle(rename(renamed, name), () => setRenamed(null))}
            />
          ) : (
            <ViewNameForm
              label={t("saveAs")}
              submitLabel={t("save")}
              taken={namesOf()}
              isBusy={isBusy}
              onSubmit={(name) => settle(save(name, current), dismiss)}
            />
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
