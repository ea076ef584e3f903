"use client";

import { ActionIcon, Button, Group, NativeSelect } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconChevronsLeft, IconChevronsRight } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Tooltip } from "../../ui/tooltip";
import type { ShownPage } from "../use-log-page";
import { type LogQuery, PAGE_SIZES } from "../use-log-query";

interface Props {
  query: Pick<LogQuery, "size" | "setSize" | "goTo" | "isFirstPage" | "sort">;
  page: ShownPage;
  /** Whether another page is loading. */
  isBusy: boolean;
  /** The position in the list and the page field. */
  children: ReactNode;
}

/** Cursor pagination. Its cost is independent of the depth, and new rows do not shift the page. */
export function Pager({ query, page, isBusy, children }: Props) {
  const t = useTranslations("logs");
  const sizes = [...new Set([...PAGE_SIZES, query.size])].sort((a, b) => a - b);
  const { isFirstPage, goTo } = query;
  const order = query.sort === "-created_at" ? "newestFirst" : "oldestFirst";
  const { previous, next } = page;
  const isLastPage = next === null;
  return (
    <Group
      justify="space-between"
      px="md"
      py={5}
      gap="sm"
      component="nav"
      aria-label={t("pager.label")}
      style={{ flex: "none", borderTop: "1px solid var(--app-border)" }}
    >
      <Group gap="sm">{children}</Group>
      <Group gap={4} wrap="nowrap">
        <NativeSelect
          size="xs"
          w={70}
          aria-label={t("pageSize")}
          title={t("pageSize")}
          value={String(query.size)}
          onChange={({ currentTarget: { value } }) => query.setSize(Number(value))}
          data={sizes.map(String)}
        />
        <EndButton label={t(`pager.${order}.first`)} disabled={isFirstPage} onClick={() => goTo({})}>
          <IconChevronsLeft size={16} />
        </EndButton>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconChevronLeft size={15} />}
          disabled={isFirstPage || previous === null || isBusy}
          onClick={() => previous && goTo(previous)}
        >
          {t(`pager.${order}.previous`)}
        </Button>
        <Button
          size="xs"
          variant="default"
          rightSection={<IconChevronRight size={15} />}
          disabled={next === null || isBusy}
          onClick={() => next && goTo(next)}
        >
          {t(`pager.${order}.next`)}
        </Button>
        <EndButton label={t(`pager.${order}.last`)} disabled={isLastPage} onClick={() => goTo({ from: "end" })}>
          <IconChevronsRight size={16} />
        </EndButton>
      </Group>
    </Group>
  );
}

interface EndButtonProps {
  label: string;
  disabled: boolean;
  onClick: () => void;
  children: ReactNode;
}

/** An icon button to the first or last page. */
function EndButton({ label, disabled, onClick, children }: EndButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={30} variant="subtle" color="gray" aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
