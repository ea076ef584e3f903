"use client";

import { Stack } from "@mantine/core";
import { useTranslations } from "next-intl";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { PageHeader } from "../ui/page-header";
import { StoragePanel } from "./storage-panel";
import { TablePanel } from "./table-panel";

export function TablesPage() {
  const t = useTranslations("tablesPage");
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      <Stack gap="lg">
        <StoragePanel />
        {LOG_TABLE_NAMES.map((name) => (
          <TablePanel key={name} name={name} />
        ))}
      </Stack>
    </>
  );
}
