"use client";

import { Badge, Box, Button, Group, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useMay } from "@/components/session";
import classes from "@/components/ui/panel-row.module.css";
import { formatTime } from "@/components/ui/time";
import { useActorName } from "@/components/ui/use-actor-name";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useNumbers } from "@/components/ui/use-numbers";
import type { ImportItem } from "./import-item";
import { UndoProgress } from "./undo-progress";
import { useUndoImport } from "./use-undo-import";

const COLORS = {
  running: "blue",
  storing: "blue",
  completed: "teal",
  failed: "red",
  interrupted: "orange",
  undoing: "blue",
  partly_undone: "orange",
  undone: "gray",
} as const satisfies Record<ImportItem["status"], string>;

/** One import with its counts and its undo. */
export function ImportRow({ item }: { item: ImportItem }) {
  const t = useTranslations();
  const { exact } = useNumbers();
  const actorName = useActorName();
  const problemText = useCodedError();
  const timeZone = useTimeZone() ?? "UTC";
  const mayUndo = useMay("imports.undo");
  const { confirm, isStarting } = useUndoImport(item);
  const counts = (["received", "queued", "inserted", "duplicates", "rejected", "dropped", "removed"] as const)
    .filter((name) => name === "received" || name === "inserted" || item[name] > 0)
    .map((name) => t(`import.list.counts.${name}`, { value: exact(item[name]) }));
  const isUndoable = item.status !== "undone" && item.status !== "undoing";
  return (
    <div className={classes.row} data-import={item.import_id} data-status={item.status}>
      <div className={classes.facts}>
        <Group gap="xs">
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {item.file_name ?? t("import.list.unnamed")}
          </Text>
          <Badge size="sm" variant="light" tt="none" color={COLORS[item.status]}>
            {t(`import.list.status.${item.status}`)}
          </Badge>
        </Group>
        <Text size="sm">
          {t(`tables.${item.table}`)} · {counts.join(" · ")}
        </Text>
        <Text size="xs" c="dimmed">
          {t("import.list.made", {
            id: item.import_id,
            time: formatTime(item.started_at, timeZone),
            name: actorName(item.requested_by),
          })}
          {item.source !== null && <> · {t("import.list.source", { source: item.source })}</>}
          {item.undone_by !== null && <> · {t("import.list.undoneBy", { name: actorName(item.undone_by) })}</>}
        </Text>
        {item.status === "failed" && item.error !== null && (
          <Text size="sm" c="var(--app-bad)">
            {problemText(item.error)}
          </Text>
        )}
        {item.status === "undoing" && item.undo_job_id !== null && (
          <Box mt="xs">
            <UndoProgress jobId={item.undo_job_id} />
          </Box>
        )}
      </div>
      {mayUndo && isUndoable && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowBackUp size={15} aria-hidden />}
          loading={isStarting}
          onClick={confirm}
        >
          {t(item.status === "partly_undone" ? "import.list.undoRest" : "import.list.undo")}
        </Button>
      )}
    </div>
  );
}
