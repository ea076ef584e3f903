"use client";

import { Button, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { type RouterOutputs, useTRPC } from "../../trpc";
import { notifyDone, notifyFailed } from "../../ui/notify";
import { formatTime } from "../../ui/time";
import { useErrorText } from "../../ui/use-error-text";
import { useNumbers } from "../../ui/use-numbers";
import classes from "../export-list.module.css";

/** A link to a file: who shared it, until when, its downloads, and a button that revokes it. */
export function LinkItem({ link }: { link: RouterOutputs["exports"]["links"]["links"][number] }) {
  const t = useTranslations("exports");
  const timeZone = useTimeZone() ?? "UTC";
  const { duration } = useNumbers();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const revoke = useMutation(
    trpc.exports.revokeLink.mutationOptions({
      onSuccess: () => notifyDone(t("sharing.revoked"), link.file_name),
      onError: (error) => notifyFailed(t("sharing.notRevoked"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.exports.links.pathFilter()),
    }),
  );
  const secondsLeft = (Date.parse(link.expires_at) - Date.now()) / 1_000;
  return (
    <li className={classes.item}>
      <div className={classes.row}>
        <div style={{ minWidth: 0 }}>
          <div className={classes.name}>{link.file_name}</div>
          <div className={classes.facts}>
            <span>{t("made", { time: formatTime(link.created_at, timeZone), by: link.created_by })}</span>
            <span title={formatTime(link.expires_at, timeZone)}>
              {secondsLeft > 0 ? t("expiresIn", { time: duration(secondsLeft) }) : t("expired")}
            </span>
            <span>{t("downloads", { count: link.downloads })}</span>
            {!link.works && (
              <Text span inherit c="red">
                {t("sharing.noLongerWorks")}
              </Text>
            )}
          </div>
        </div>
        {link.can_revoke && (
          <div className={classes.actions}>
            <Button
              size="xs"
              variant="default"
              loading={revoke.isPending}
              onClick={() => revoke.mutate({ link_id: link.link_id })}
              aria-label={t("sharing.revokeOf", { file: link.file_name })}
            >
              {t("sharing.revoke")}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}
