"use client";

import { UnstyledButton } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatTime } from "../ui/time";
import type { LogRow } from "./log-page";

interface Props {
  row: LogRow;
  onOpen: (row: LogRow) => void;
  children: ReactNode;
}

/** The row's time, as the way into the row for the keyboard. */
export function OpenRowButton({ row, onOpen, children }: Props) {
  const t = useTranslations("logs");
  const timeZone = useTimeZone() ?? "UTC";
  return (
    <UnstyledButton
      fz="inherit"
      aria-haspopup="dialog"
      aria-label={t("openRow", { time: formatTime(row.created_at, timeZone, "ms") })}
      onClick={(event) => {
        event.stopPropagation();
        onOpen(row);
      }}
    >
      {children}
    </UnstyledButton>
  );
}
