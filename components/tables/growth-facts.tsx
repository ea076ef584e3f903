"use client";

import { SimpleGrid, Text } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { Fact } from "../ui/fact";
import { NoValue } from "../ui/no-value";
import { formatTime } from "../ui/time";
import { useNumberText } from "../ui/use-number-text";
import { useNumbers } from "../ui/use-numbers";
import type { StoragePlace } from "./storage-place";

interface Props {
  growth: NonNullable<StoragePlace["growth"]>;
  /** Whether the free space is known. */
  hasCapacity: boolean;
  hasDatabase: boolean;
}

/** How a disk fills, and when it is full. */
export function GrowthFacts({ growth, hasCapacity, hasDatabase }: Props) {
  const t = useTranslations("storage.growth");
  const { bytes } = useNumbers();
  const timeZone = useTimeZone() ?? "UTC";
  const { relative } = useNumberText();
  const { bytes_per_day: perDay, cleanup_bytes_per_day: cleaned, full_at: fullAt } = growth;
  const signed = (value: number) => t("perDay", { value: `${value < 0 ? "−" : "+"}${bytes(Math.abs(value))}` });
  const unknown = <NoValue reason={t("notEnough")} />;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} spacing="md" verticalSpacing="xs" mt="md">
      <Fact label={t("label")} value={perDay === null ? unknown : signed(perDay)}>
        <Text size="xs" c="dimmed">
          {perDay === null ? t("notEnough") : t("basis", { days: growth.days_measured })}
          {growth.imported_bytes > 0 && ` ${t("imports", { size: bytes(growth.imported_bytes) })}`}
        </Text>
      </Fact>
      {hasDatabase && (
        <Fact label={t("cleanups")} value={cleaned === 0 ? "–" : signed(-cleaned)}>
          <Text size="xs" c="dimmed">
            {t("cleanupsHint")}
          </Text>
        </Fact>
      )}
      {hasCapacity && (
        <Fact
          label={t("full")}
          value={
            perDay === null ? unknown : fullAt === null ? t("notFilling") : formatTime(fullAt, timeZone).slice(0, 10)
          }
        >
          {fullAt !== null && (
            <Text size="xs" c="dimmed">
              {relative(Date.parse(fullAt), Date.now())}
            </Text>
          )}
        </Fact>
      )}
    </SimpleGrid>
  );
}
