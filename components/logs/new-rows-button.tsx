"use client";

import { Button } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";
import classes from "./new-rows-button.module.css";

interface Props {
  count: number;
  /** More may have come than fit on the page. */
  isAtLeast: boolean;
  onClick: () => void;
}

/** New rows that wait while the person reads further down. */
export function NewRowsButton({ count, isAtLeast, onClick }: Props) {
  const t = useTranslations("logs");
  const format = useFormatter();
  if (count === 0) return null;
  return (
    <Button
      size="compact-sm"
      radius="xl"
      className={classes.button}
      leftSection={<IconArrowUp size={14} />}
      onClick={onClick}
    >
      {isAtLeast ? t("manyNewRows", { count: format.number(count) }) : t("newRows", { count })}
    </Button>
  );
}
