"use client";

import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Tooltip } from "./tooltip";

interface Props {
  label: string;
  /** Computed on click. */
  text: () => string;
  size?: number;
  subtle?: boolean;
  children: ReactNode;
}

/** An icon button that copies a text and confirms it. */
export function CopyAction({ label, text, size = 30, subtle = false, children }: Props) {
  const t = useTranslations("common");
  const { copied, copy } = useClipboard();
  return (
    <Tooltip label={copied ? t("copied") : label}>
      <ActionIcon
        variant={subtle ? "subtle" : "default"}
        color={subtle ? "gray" : undefined}
        size={size}
        aria-label={label}
        onClick={() => copy(text())}
      >
        {copied ? <IconCheck size={14} /> : children}
      </ActionIcon>
    </Tooltip>
  );
}
