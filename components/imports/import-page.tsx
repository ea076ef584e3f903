"use client";

import { Alert } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useMay } from "@/components/session";
import { PageHeader } from "@/components/ui/page-header";
import { DropZone } from "./drop-zone";
import { ImportPlan } from "./import-plan";
import { ImportsPanel } from "./imports-panel";
import { MappingsPanel } from "./mappings-panel";

export function ImportPage() {
  const t = useTranslations("import");
  const allowed = useMay("ingest");
  const [chosen, setChosen] = useState<{ file: File; times: number } | null>(null);

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      {!allowed && (
        <Alert color="gray" icon={<IconLock aria-hidden />}>
          {t("operatorOnly")}
        </Alert>
      )}
      {allowed && !chosen && <DropZone onFile={(file) => setChosen({ file, times: 0 })} />}
      {chosen && (
        <ImportPlan
          key={chosen.times}
          file={chosen.file}
          onFile={(file) => setChosen({ file, times: chosen.times + 1 })}
          onLeave={() => setChosen(null)}
        />
      )}
      {allowed && <ImportsPanel />}
      {allowed && <MappingsPanel />}
    </>
  );
}
