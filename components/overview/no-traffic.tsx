"use client";

import { Button, EmptyState } from "@mantine/core";
import { IconChartBar, IconFileImport, IconHistory } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useMay } from "../session";
import { Panel } from "../ui/panel";

/** Empty state of the traffic charts: rows may have other times. */
export function NoTraffic({ onShowAll }: { onShowAll?: () => void }) {
  const t = useTranslations("overview");
  const mayIngest = useMay("ingest");
  return (
    <Panel p="lg" mb="lg">
      <EmptyState icon={<IconChartBar stroke={1.6} />} title={t("noRows")} description={t("noTrafficHint")}>
        <EmptyState.Actions>
          {onShowAll && (
            <Button variant="default" leftSection={<IconHistory size={16} />} onClick={onShowAll}>
              {t("showAllTime")}
            </Button>
          )}
          {mayIngest && (
            <Button
              component={Link}
              href="/imports"
              prefetch={false}
              variant="default"
              leftSection={<IconFileImport size={16} />}
            >
              {t("importFile")}
            </Button>
          )}
        </EmptyState.Actions>
      </EmptyState>
    </Panel>
  );
}
