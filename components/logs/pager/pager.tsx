"use client";

import { Button, Group, Select } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { ShownPage } from "../use-log-page";
import { type LogQuery, PAGE_SIZES } from "../use-log-query";

interface Props {
  query: Pick<LogQuery, "size" | "setSize" | "goTo" | "isFirstPage" | "sort">;
  page: ShownPage;
  /** Another page is on its way. */
  isBusy: boolean;
  /** Where in the list the page stands, and the field that jumps. */
  children: ReactNode;
}

/** The pages beside this one by cursor: any depth costs the same, and rows that arrive move nothing. */
export function Pager({ query, page, isBusy, children }: Props) {
  const t = useTranslations("logs");
  const sizes = [...new Set([...PAGE_SIZES, query.size])].sort((a, b) => a - b);
  const { isFirstPage, goTo } = query;
  const isNewestFirst = query.sort === "-created_at";
  const { previous, next } = page;
  const isLastPage = next === null;
  return (
    <Group
      justify="space-between"
      px="md"
      py={8}
      gap="sm"
      component="nav"
      aria-label={t("pager.label")}
      style={{ flex: "none", borderTop: "1px solid var(--app-border)" }}
    >
      <Group gap="sm">{children}</Group>
      <Group gap={6}>
        <Select
          size="xs"
          w={74}
          mr={4}
          aria-label={t("pageSize")}
          title={t("pageSize")}
          allowDeselect={false}
          value={String(query.size)}
          onChange={(value) => value && query.setSize(Number(value))}
          data={sizes.map(String)}
        />
        <Button size="xs" variant="subtle" color="gray" disabled={isFirstPage} onClick={() => goTo({})}>
          {t(isNewestFirst ? "newest" : "oldest")}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconChevronLeft size={15} />}
          disabled={isFirstPage || previous === null || isBusy}
          onClick={() => previous && goTo(previous)}
        >
          {t(isNewestFirst ? "newer" : "older")}
        </Button>
        <Button
          size="xs"
          variant="default"
          rightSection={<IconChevronRight size={15} />}
          disabled={next === null || isBusy}
          onClick={() => next && goTo(next)}
        >
          {t(isNewestFirst ? "older" : "newer")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" disabled={isLastPage} onClick={() => goTo({ from: "end" })}>
          {t(isNewestFirst ? "oldest" : "newest")}
        </Button>
      </Group>
    </Group>
  );
}
