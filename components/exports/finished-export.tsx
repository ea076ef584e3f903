"use client";

import { ActionIcon, Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconAdjustments, IconCopy, IconDownload, IconFileInfo, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useMay } from "../session";
import { type RouterOutputs, useTRPC } from "../trpc";
import { CopyAction } from "../ui/copy-action";
import { notifyDone, notifyFailed } from "../ui/notify";
import { formatTime } from "../ui/time";
import { Tooltip } from "../ui/tooltip";
import { useActorName } from "../ui/use-actor-name";
import { useErrorText } from "../ui/use-error-text";
import { useFocusAfter } from "../ui/use-focus-after";
import { useNumbers } from "../ui/use-numbers";
import { choicesOf, type ExportChoices, paramsOf } from "./export-choices";
import classes from "./export-list.module.css";
import { ExportWords } from "./export-words";
import { ShareButton } from "./sharing/share-button";

const REST = "/api/v1/batch-processing";
const SHOWN_SUM = 12;
/** The server counts a download when it starts. */
const COUNTED_AFTER_MS = 1_000;

type ExportFile = RouterOutputs["exports"]["list"]["items"][number];

interface Props {
  file: ExportFile;
  onEdit: (choices: Partial<ExportChoices>) => void;
  /** Called before the file is removed from the list. */
  onDeleted: () => void;
}

/** An export file with its contents, checksum, expiry and actions. */
export function FinishedExport({ file, onEdit, onDeleted }: Props) {
  const t = useTranslations("exports");
  const tCommon = useTranslations("common");
  const { bytes, duration } = useNumbers();
  const timeZone = useTimeZone() ?? "UTC";
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const actorName = useActorName();
  const mayDownload = useMay("download");
  const mayExport = useMay("export");
  const mayDeleteAny = useMay("exports.delete-any");
  const mayDelete = mayDeleteAny || (mayExport && file.is_own);
  const sum = file.sha256;
  const secondsLeft = (Date.parse(file.expires_at) - Date.now()) / 1_000;
  const params = paramsOf(file.manifest);
  const refresh = () => queryClient.invalidateQueries(trpc.exports.list.pathFilter());
  const remove = useMutation(
    trpc.exports.remove.mutationOptions({
      onSuccess: () => {
        notifyDone(t("deleted"), file.file_name);
        onDeleted();
      },
      onError: (error) => notifyFailed(t("notDeleted"), errorText(error)),
      onSettled: refresh,
    }),
  );
  const deleteButton = useFocusAfter(remove.isPending);
  const confirmRemoval = () =>
    modals.openConfirmModal({
      title: t("deleteTitle"),
      children: (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {t("deleteBody", { file: file.file_name })}
        </Text>
      ),
      labels: { confirm: t("delete"), cancel: tCommon("cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate({ id: file.export_id }),
    });

  return (
    <li className={classes.item} data-export={file.export_id}>
      <div className={classes.row}>
        <div style={{ minWidth: 0 }}>
          <div className={classes.name}>{file.file_name}</div>
          <ExportWords params={params} />
          <div className={classes.facts}>
            <span className={classes.strong}>{t("rows", { count: file.row_count })}</span>
            {file.size_bytes !== null && <span className={classes.strong}>{bytes(file.size_bytes)}</span>}
            <span title={formatTime(file.created_at, timeZone)}>
              {t("made", { time: formatTime(file.created_at, timeZone), by: actorName(file.requested_by) })}
            </span>
            <Tooltip label={formatTime(file.expires_at, timeZone)}>
              <span>{secondsLeft > 0 ? t("expiresIn", { time: duration(secondsLeft) }) : t("expired")}</span>
            </Tooltip>
            <span data-testid="downloads">{t("downloads", { count: file.downloads })}</span>
            {sum !== null && (
              <span className={classes.sum}>
                <Tooltip label={sum}>
                  <span>SHA-256 {sum.slice(0, SHOWN_SUM)}…</span>
                </Tooltip>
                <CopyAction label={t("copySum")} text={() => sum} size={24} subtle>
                  <IconCopy size={14} stroke={1.6} />
                </CopyAction>
              </span>
            )}
          </div>
        </div>
        <div className={classes.actions}>
          {mayDownload && (
            <Button
              component="a"
              size="xs"
              href={file.download_url}
              download
              leftSection={<IconDownload size={15} stroke={1.7} />}
              onClick={() => setTimeout(refresh, COUNTED_AFTER_MS)}
            >
              {t("download")}
            </Button>
          )}
          <Tooltip label={t("manifest")}>
            <ActionIcon
              component="a"
              variant="default"
              size={30}
              href={`${REST}/exports/${file.export_id}/manifest`}
              download
              aria-label={t("manifestOf", { file: file.file_name })}
            >
              <IconFileInfo size={16} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
          <ShareButton file={file} />
          {mayExport && (
            <>
              <Tooltip label={t("edit")}>
                <ActionIcon
                  variant="default"
                  size={30}
                  aria-label={t("edit")}
                  onClick={() => onEdit(choicesOf(params, file.created_at))}
                >
                  <IconAdjustments size={16} stroke={1.6} />
                </ActionIcon>
              </Tooltip>
              {mayDelete && (
                <Tooltip label={t("delete")}>
                  <ActionIcon
                    ref={deleteButton}
                    variant="default"
                    size={30}
                    aria-label={t("deleteOf", { file: file.file_name })}
                    loading={remove.isPending}
                    onClick={confirmRemoval}
                  >
                    <IconTrash size={16} stroke={1.6} />
                  </ActionIcon>
                </Tooltip>
              )}
            </>
          )}
        </div>
      </div>
    </li>
  );
}
