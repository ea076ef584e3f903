"use client";

import { Button, EmptyState } from "@mantine/core";
import { IconChartBar, IconFileImport } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useMay } from "../session";
import { Panel } from "../ui/panel";

/** Empty state of the traffic charts: how to get data in. */
export function NoTraffic() {
  const t = useTranslations("overview");
  const mayIngest = useMay("ingest");
  return (
    <Panel p="lg">
      <EmptyState icon={<IconChartBar stroke={1.6} />} title={t("noRows")} description={t("noTrafficHint")}>
        {mayIngest && (
          <EmptyState.Actions>
            <Button component={Link} href="/imports" variant="default" leftSection={<IconFileImport size={16} />}>
              {t("importFile")}
            </Button>
          </EmptyState.Actions>
        )}
      </EmptyState>
    </Panel>
  );
}
