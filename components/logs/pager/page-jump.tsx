"use client";

import { Group, NumberInput, Text } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useState } from "react";

interface Props {
  /** 1-based; null if the rows do not start at a page boundary. */
  page: number | null;
  pages: number;
  onJump: (page: number) => void;
}

/** The page number as a field to jump to another page; shown when the total is known. */
export function PageJump({ page, pages, onJump }: Props) {
  const t = useTranslations("logs.pager");
  const format = useFormatter();
  const [value, setValue] = useState<number | string>(page ?? "");
  useEffect(() => setValue(page ?? ""), [page]);

  const jump = () => {
    const wanted = Number(value);
    if (value === "" || !Number.isInteger(wanted) || wanted === page) setValue(page ?? "");
    else onJump(Math.max(1, Math.min(pages, wanted)));
  };
  return (
    <Group gap={6} wrap="nowrap">
      <NumberInput
        size="xs"
        w={64}
        hideControls
        aria-label={t("page")}
        min={1}
        max={pages}
        allowDecimal={false}
        allowNegative={false}
        clampBehavior="none"
        value={value}
        onChange={setValue}
        onBlur={jump}
        onKeyDown={(event) => event.key === "Enter" && jump()}
      />
      <Text size="xs" c="dimmed">
        {t("ofPages", { pages: format.number(pages) })}
      </Text>
    </Group>
  );
}
