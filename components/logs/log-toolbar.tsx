"use client";

import { ActionIcon, Button } from "@mantine/core";
import {
  IconArchive,
  IconFileExport,
  IconKeyboard,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
} from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useMay } from "../session";
import { Tooltip } from "../ui/tooltip";

interface Props {
  /** The URL of the exports page with the current settings, or of the file itself. */
  exportHref: string;
  live: boolean;
  onLive: (live: boolean) => void;
  /** Whether archived rows are included; null if the table has no archives. */
  archived: boolean | null;
  onArchived: (archived: boolean) => void;
  refreshing: boolean;
  onRefresh: () => void;
  onHelp: () => void;
  /** Further buttons. */
  children: ReactNode;
}

/** The actions for the whole list. */
export function LogToolbar(props: Props) {
  const { exportHref, live, onLive, archived, onArchived, refreshing, onRefresh, onHelp, children } = props;
  const t = useTranslations();
  const mayExport = useMay("export");
  return (
    <>
      <Tooltip label={t("logs.liveHint")}>
        <Button
          variant={live ? "light" : "default"}
          aria-pressed={live}
          leftSection={live ? <IconPlayerStop size={16} stroke={1.6} /> : <IconPlayerPlay size={16} stroke={1.6} />}
          onClick={() => onLive(!live)}
        >
          {t("logs.live")}
        </Button>
      </Tooltip>
      {archived !== null && (
        <Tooltip label={t("logs.archivesHint")}>
          <Button
            variant={archived ? "light" : "default"}
            aria-pressed={archived}
            leftSection={<IconArchive size={16} stroke={1.6} />}
            onClick={() => onArchived(!archived)}
          >
            {t("logs.archives")}
          </Button>
        </Tooltip>
      )}
      {mayExport && <ExportButton href={exportHref} />}
      {children}
      <Tooltip label={t("common.refresh")}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={t("common.refresh")}
          loading={refreshing}
          onClick={onRefresh}
        >
          <IconRefresh size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("logs.keys.open")}>
        <ActionIcon variant="default" size={36} aria-label={t("logs.keys.title")} onClick={onHelp} visibleFrom="sm">
          <IconKeyboard size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

/** Links to the exports page, or to the file itself. */
function ExportButton({ href }: { href: string }) {
  const label = useTranslations("logs")("export");
  const shared = { href, variant: "default", leftSection: <IconFileExport size={16} stroke={1.6} /> };
  if (!href.startsWith("/api/")) {
    return (
      <Button component={Link} {...shared}>
        {label}
      </Button>
    );
  }
  return (
    <Button component="a" download {...shared}>
      {label}
    </Button>
  );
}
