"use client";

import { Button, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { Figure } from "@/components/queues/figure";
import { Panel } from "@/components/ui/panel";
import { Table } from "@/components/ui/table";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useNumbers } from "@/components/ui/use-numbers";
import type { LogTable, LogTableName } from "@/server/catalog";
import type { IngestAnswer, IntakeMode } from "@/server/trpc/root";

interface Props {
  table: LogTable & { name: LogTableName };
  result: IngestAnswer;
  mode: IntakeMode;
  onAgain: () => void;
}

/** The result of an import, with links to the rows and dead letters. */
export function ImportResultPanel({ table, result, mode, onAgain }: Props) {
  const t = useTranslations("import");
  const problemText = useCodedError();
  const { exact } = useNumbers();
  const titleRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => titleRef.current?.focus(), []);
  const { received, queued, inserted, duplicates, rejected, dropped, errors } = result;

  return (
    <Panel p={{ base: "md", sm: "lg" }} aria-labelledby="result" data-testid="import-result">
      <Group gap="xs" mb="md">
        {result.status === "failed" ? (
          <IconAlertTriangle size={22} color="var(--app-bad)" aria-hidden />
        ) : (
          <IconCircleCheck size={22} color="var(--mantine-color-teal-6)" aria-hidden />
        )}
        <Title order={2} id="result" ref={titleRef} tabIndex={-1} style={{ outline: "none" }}>
          {result.status === "failed" ? t("resultFailedTitle") : queued > 0 ? t("resultQueuedTitle") : t("resultTitle")}
        </Title>
      </Group>
      <SimpleGrid cols={{ base: 2, sm: 5 }} mb="md">
        <Figure name="received" label={t("received")} value={exact(received)} />
        {mode === "queued" && <Figure name="queued" label={t("queuedCount")} value={exact(queued)} />}
        <Figure name="inserted" label={t("inserted")} value={exact(inserted)} />
        <Figure name="duplicates" label={t("duplicates")} value={exact(duplicates)} />
        <Figure name="rejected" label={t("rejected")} value={exact(rejected)} alarm={rejected > 0} />
        {dropped > 0 && <Figure name="dropped" label={t("dropped")} value={exact(dropped)} />}
      </SimpleGrid>
      {errors.length > 0 && (
        <>
          <Title order={3} mt="lg" mb="xs">
            {t("firstErrors")}
          </Title>
          <Table fz="sm" verticalSpacing={6} mb="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={90} ta="right">
                  {t("line")}
                </Table.Th>
                <Table.Th>{t("reason")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {errors.map((error) => (
                <Table.Tr key={`${error.line} ${error.code}`}>
                  <Table.Td ta="right">{error.line === null ? "–" : exact(error.line)}</Table.Td>
                  <Table.Td>{problemText(error)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {rejected > errors.length && (
            <Text size="sm" c="dimmed">
              {t("moreErrors", { count: exact(errors.length) })}
            </Text>
          )}
        </>
      )}
      <Group mt="lg" gap="xs">
        {queued > 0 ? (
          <Button component={Link} href="/queues">
            {t("toQueues")}
          </Button>
        ) : (
          <Button component={Link} href={`/logs/${table.path}`}>
            {t("toRows")}
          </Button>
        )}
        {rejected > 0 && (
          <Button component={Link} href={`/dead-letters?queue=${table.name}`} variant="default">
            {t("toDeadLetters")}
          </Button>
        )}
        <Button variant="default" onClick={onAgain}>
          {t("again")}
        </Button>
      </Group>
    </Panel>
  );
}
