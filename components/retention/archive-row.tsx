"use client";

import { Badge, Button, Checkbox, Group, Text } from "@mantine/core";
import { IconDownload, IconRestore, IconShieldCheck, IconTrash } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useMay } from "@/components/session";
import classes from "@/components/ui/panel-row.module.css";
import { formatEnd, formatTime } from "@/components/ui/time";
import { useActorName } from "@/components/ui/use-actor-name";
import { useNumbers } from "@/components/ui/use-numbers";
import type { Archive } from "./archive";
import { useArchiveActions } from "./use-archive-actions";

const FORMAT_NAMES = { parquet: "Parquet", "csv.gz": "CSV (gzip)" } as const;
const STATE_COLORS = {
  archived: "gray",
  restored: "blue",
  deleting: "blue",
  expired: "gray",
  deleted: "gray",
} as const;

/** Rows of a pending archive are in the table: restored, or not deleted yet. */
function stateOf({ state, restored, deleted_by }: Archive): keyof typeof STATE_COLORS {
  if (state === "expired") return deleted_by === null ? "expired" : "deleted";
  if (state === "removed") return "archived";
  return restored.length > 0 ? "restored" : "deleting";
}

interface Props {
  archive: Archive;
  /** The month under which it is listed; its file is of a month in UTC, which may be the one before. */
  month: string;
  selection: { readonly isSelected: boolean; readonly onSelect: (isSelected: boolean) => void };
}

/** One archive with its state and actions. */
export function ArchiveRow({ archive, month, selection }: Props) {
  const t = useTranslations();
  const { bytes } = useNumbers();
  const actorName = useActorName();
  const timeZone = useTimeZone() ?? "UTC";
  const mayAct = useMay("restore");
  const mayDelete = useMay("cleanup");
  const { isSelected, onSelect } = selection;
  const { verify, isVerifying, openRestore, openDelete, problemText } = useArchiveActions(archive);
  const time = (at: string) => formatTime(at, timeZone);
  const name = t("cleanup.archives.month", { month, table: t(`tables.${archive.table}`) });
  return (
    <div className={classes.row} data-archive={archive.id}>
      <div className={classes.facts}>
        <Group gap="xs">
          {mayAct && archive.state !== "expired" && (
            <Checkbox
              checked={isSelected}
              onChange={(event) => onSelect(event.currentTarget.checked)}
              aria-label={t("cleanup.archives.select", { what: name })}
            />
          )}
          <Text fw={600}>{name}</Text>
          <Badge size="sm" variant="light" tt="none" color={STATE_COLORS[stateOf(archive)]}>
            {t(`cleanup.archives.state.${stateOf(archive)}`)}
          </Badge>
          <Badge size="sm" variant="outline" color="gray" tt="none">
            {FORMAT_NAMES[archive.format]}
          </Badge>
          {archive.problem !== null && (
            <Badge size="sm" color="red" tt="none">
              {t("cleanup.archives.damaged")}
            </Badge>
          )}
        </Group>
        <Text size="sm">
          {archive.size_bytes === null
            ? t("cleanup.archives.rows", { rows: archive.rows })
            : t("cleanup.archives.facts", { rows: archive.rows, size: bytes(archive.size_bytes) })}{" "}
          · {t("cleanup.archives.range", { from: time(archive.first_time), to: time(archive.last_time) })}
        </Text>
        <Text size="xs" c="dimmed">
          {t("cleanup.archives.made", { time: time(archive.created_at), name: actorName(archive.created_by) })} ·{" "}
          {archive.expired_at !== null
            ? archive.deleted_by === null
              ? t("cleanup.archives.expiredAt", { time: time(archive.expired_at) })
              : t("cleanup.archives.deletedBy", { time: time(archive.expired_at), name: actorName(archive.deleted_by) })
            : archive.verified_at === null
              ? t("cleanup.archives.unverified")
              : t("cleanup.archives.verified", { time: time(archive.verified_at) })}
        </Text>
        {archive.problem !== null && (
          <Text size="sm" c="var(--app-bad)">
            {problemText(archive.problem)}
          </Text>
        )}
        {!archive.searchable && archive.problem === null && archive.state !== "expired" && (
          <Text size="sm" c="dimmed">
            {t("cleanup.archives.notSearchable")}
          </Text>
        )}
        {archive.restored.map((period) => (
          <Text key={period.from} size="xs" c="dimmed">
            {t("cleanup.archives.restoredPeriod", {
              from: time(period.from),
              to: formatEnd(period.to, timeZone),
              until: formatEnd(period.keep_until, timeZone),
              name: actorName(period.by),
            })}
          </Text>
        ))}
      </div>
      {mayAct && archive.state !== "expired" && (
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconShieldCheck size={15} />}
            loading={isVerifying}
            onClick={verify}
          >
            {t("cleanup.archives.verify")}
          </Button>
          <Button
            component="a"
            href={`/api/v1/batch-processing/archives/${archive.id}/download`}
            download
            size="xs"
            variant="default"
            leftSection={<IconDownload size={15} />}
          >
            {t("cleanup.archives.download")}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRestore size={15} />}
            disabled={archive.problem !== null}
            onClick={openRestore}
          >
            {t("cleanup.archives.restore")}
          </Button>
          {mayDelete && (
            <Button
              size="xs"
              variant="default"
              c="var(--app-bad)"
              leftSection={<IconTrash size={15} />}
              onClick={openDelete}
            >
              {t("cleanup.archives.delete")}
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}
