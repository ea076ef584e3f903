"use client";

import { Alert, Box, SimpleGrid, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { Fact } from "@/components/ui/fact";
import { OnDemand } from "@/components/ui/on-demand";
import { formatTime } from "@/components/ui/time";
import { useNumbers } from "@/components/ui/use-numbers";
import type { Preview } from "./cleanup-choice";

/** The height of the chart with its title. */
const CHART_HEIGHT = 252;

const loadChart = () => import("./month-chart");

/** The preview of a cleanup: figures and a chart by month. */
export function PreviewView({ preview }: { preview: Preview }) {
  const t = useTranslations("cleanup");
  const timeZone = useTimeZone() ?? "UTC";
  const { bytes } = useNumbers();
  const { archive, months, task_type } = preview;
  const sum = (isWhole: boolean) =>
    months.filter((month) => month.is_whole === isWhole).reduce((total, month) => total + month.matched_bytes, 0);
  const time = (at: string | null) => (at === null ? "–" : formatTime(at, timeZone));
  const isFiles = task_type === "exports";
  const fitsDisk = archive?.free_bytes == null || archive.free_bytes > archive.estimated_bytes;
  return (
    <section aria-label={t("preview.label")}>
      <SimpleGrid cols={{ base: 2, md: 3, lg: 6 }} spacing="md" mb="md">
        <Fact
          label={t("preview.matched")}
          value={t(isFiles ? "policies.files" : "policies.rows", { count: preview.matched_count })}
        />
        <Fact label={t("preview.oldest")} value={time(preview.oldest)} />
        <Fact label={t("preview.newest")} value={time(preview.newest)} />
        <Fact label={t("preview.freed")} value={bytes(sum(true))} />
        {!isFiles && <Fact label={t("preview.reusable")} value={bytes(sum(false))} />}
        {!isFiles && (
          <Fact
            label={t("preview.archive")}
            value={
              archive ? t("preview.archiveAbout", { size: bytes(archive.estimated_bytes) }) : t("preview.archiveNone")
            }
          >
            {archive && (
              <Text size="xs" c="dimmed">
                {archive.free_bytes === null
                  ? t("preview.archivePlaceUnknown", { place: archive.place })
                  : t("preview.archivePlace", { place: archive.place, free: bytes(archive.free_bytes) })}
              </Text>
            )}
          </Fact>
        )}
      </SimpleGrid>
      {!fitsDisk && (
        <Alert color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />} mb="md">
          {t("preview.noRoom")}
        </Alert>
      )}
      <OnDemand load={loadChart} instead={<Box h={CHART_HEIGHT} />}>
        {({ MonthChart }) => (
          <MonthChart months={months} title={t("preview.before", { time: formatTime(preview.cutoff, timeZone) })} />
        )}
      </OnDemand>
    </section>
  );
}
