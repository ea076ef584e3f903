"use client";

import { ActionIcon } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconLink } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useMay } from "../../session";
import type { RouterOutputs } from "../../trpc";
import { Tooltip } from "../../ui/tooltip";
import { ShareForm } from "./share-form";
import { useLinks } from "./use-links";

/** Opens the form for a link to a file; nothing where links are not allowed. */
export function ShareButton({ file }: { file: RouterOutputs["exports"]["list"]["items"][number] }) {
  const t = useTranslations("exports.sharing");
  const mayShare = useMay("exports.share");
  const { isAllowed } = useLinks();
  if (!mayShare || !isAllowed) return null;
  const open = () => {
    const modalId = modals.open({
      title: t("formTitle"),
      children: <ShareForm file={file} onDone={() => modals.close(modalId)} />,
    });
  };
  return (
    <Tooltip label={t("share")}>
      <ActionIcon variant="default" size={30} aria-label={t("shareOf", { file: file.file_name })} onClick={open}>
        <IconLink size={16} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
