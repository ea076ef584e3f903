"use client";

import { Anchor, Button, Code, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { IconApi, IconCopy, IconFileImport, IconStack2 } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { logTables } from "@/server/catalog";
import { useQueueWatch } from "../live/queue-watch";
import { useMay, usePrincipal } from "../session";
import { CopyAction } from "../ui/copy-action";
import { Panel } from "../ui/panel";
import { useOrigin } from "../ui/use-origin";
import classes from "./first-steps.module.css";

const EVENT = '{"ip_address":"203.0.113.7","request_path":"/cases","status_code":200,"response_time":42}';
const PATH = "/api/v1/batch-processing/access-logs";

/** Shown while nothing was ever stored: the three ways to send data. */
export function FirstSteps() {
  const t = useTranslations("overview.firstSteps");
  const { status } = useQueueWatch();
  const { pages } = usePrincipal();
  const mayIngest = useMay("ingest");
  const origin = useOrigin();
  const queue = logTables.access_logs.redisList;
  const curl = (path: string) =>
    `curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\\n  -d '[${EVENT}]' "${origin}${path}"`;
  return (
    <Panel p={{ base: "md", sm: "lg" }} mb="lg" aria-labelledby="first-steps" data-testid="first-steps">
      <Title order={2} id="first-steps">
        {t("title")}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t("hint")}
      </Text>
      <SimpleGrid cols={{ base: 1, lg: 3 }} spacing="lg">
        <Step
          icon={<IconApi size={20} stroke={1.6} aria-hidden />}
          title={t("http")}
          text={t("httpHint")}
          code={curl(PATH)}
        >
          {pages.includes("/settings/api-keys") && (
            <Anchor component={Link} href="/settings/api-keys" prefetch={false} size="sm">
              {t("apiKey")}
            </Anchor>
          )}
        </Step>
        <Step
          icon={<IconStack2 size={20} stroke={1.6} aria-hidden />}
          title={t("queue")}
          text={t(status?.backend === "postgres" ? "queuePostgres" : "queueHint")}
          code={status?.backend === "postgres" ? curl(`${PATH}?mode=queued`) : `redis-cli LPUSH ${queue} '${EVENT}'`}
        />
        <Step icon={<IconFileImport size={20} stroke={1.6} aria-hidden />} title={t("file")} text={t("fileHint")}>
          {mayIngest && (
            <Button component={Link} href="/imports" prefetch={false} variant="default">
              {t("import")}
            </Button>
          )}
        </Step>
      </SimpleGrid>
    </Panel>
  );
}

interface StepProps {
  icon: ReactNode;
  title: string;
  text: string;
  code?: string;
  children?: ReactNode;
}

function Step({ icon, title, text, code, children }: StepProps) {
  const t = useTranslations();
  return (
    <div className={classes.step}>
      <Group gap={8}>
        {icon}
        <Title order={3}>{title}</Title>
      </Group>
      <Text size="sm">{text}</Text>
      {code !== undefined && (
        <div className={classes.code}>
          <Code block>{code}</Code>
          <CopyAction label={`${t("common.copy")}: ${title}`} text={() => code}>
            <IconCopy size={14} />
          </CopyAction>
        </div>
      )}
      {children}
    </div>
  );
}
