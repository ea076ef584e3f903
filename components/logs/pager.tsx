"use client";

import { Button, Group, Select, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { RouterOutputs } from "../trpc";
import { PAGE_SIZES } from "./use-log-view";

interface Props {
  page: RouterOutputs["logs"]["page"];
  shown: number;
  isFirstPage: boolean;
  pageSize: number;
  onCursor: (cursor: string | null) => void;
  onPageSize: (size: number) => void;
}

/** Newer and older pages by cursor: any depth costs the same, and rows that arrive move nothing. */
export function Pager({ page, shown, isFirstPage, pageSize, onCursor, onPageSize }: Props) {
  const t = useTranslations("logs");
  const sizes = [...new Set([...PAGE_SIZES, pageSize])].sort((a, b) => a - b);
  return (
    <Group justify="space-between" px="md" py="xs" gap="sm" component="nav" aria-label={t("rows", { count: shown })}>
      <Group gap="xs">
        <Select
          size="xs"
          w={76}
          aria-label={t("pageSize")}
          allowDeselect={false}
          value={String(pageSize)}
          onChange={(value) => value && onPageSize(Number(value))}
          data={sizes.map(String)}
        />
        <Text size="xs" c="dimmed">
          {t("pageSize")}
        </Text>
      </Group>
      <Group gap="xs">
        {!isFirstPage && (
          <Button size="xs" variant="subtle" color="gray" onClick={() => onCursor(null)}>
            {t("newest")}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconChevronLeft size={15} />}
          disabled={isFirstPage || !page.has_prev}
          onClick={() => onCursor(page.prev_cursor)}
        >
          {t("newer")}
        </Button>
        <Button
          size="xs"
          variant="default"
          rightSection={<IconChevronRight size={15} />}
          disabled={!page.has_next}
          onClick={() => onCursor(page.next_cursor)}
        >
          {t("older")}
        </Button>
      </Group>
    </Group>
  );
}
