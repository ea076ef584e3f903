"use client";

import { Box, Group, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { QueryError } from "@/components/ui/query-error";
import { formatTime } from "@/components/ui/time";
import { useColumnLabels } from "@/components/ui/use-column-labels";
import classes from "./rule-test.module.css";
import type { Rule, RuleTestInput, RuleTestResult } from "./rules";

/** What a rule would have done to the rows of the last hour. */
export function RuleTest({ table, rule }: { table: RuleTestInput["table"]; rule: Rule }) {
  const t = useTranslations("intakeRules");
  const trpc = useTRPC();
  const test = useQuery(trpc.intakeRules.test.queryOptions({ table, rule }, { staleTime: 30_000, gcTime: 30_000 }));
  return (
    <Box role="status" aria-busy={test.isFetching} data-testid="rule-test">
      {test.isPending && (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm" c="dimmed">
            {t("testing")}
          </Text>
        </Group>
      )}
      {!test.data && <QueryError query={test} />}
      {test.data && <TestResult result={test.data} action={rule.action} />}
    </Box>
  );
}

function TestResult({ result, action }: { result: RuleTestResult; action: Rule["action"] }) {
  const t = useTranslations("intakeRules");
  const format = useFormatter();
  const { tested, matched, affected, examples } = result;
  if (tested === 0) return <Text size="sm">{t("noRows")}</Text>;
  const counts = { affected: format.number(affected), tested: format.number(tested), matched: format.number(matched) };
  return (
    <Stack gap="sm">
      <div>
        <Text fw={600}>{t(action === "redact" ? "wouldRedact" : "wouldDrop", counts)}</Text>
        <Text size="sm" c="dimmed">
          {t(result.is_complete ? "testedAll" : "testedNewest", counts)}
        </Text>
      </div>
      {examples.length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {t("examples")}
          </Text>
          {examples.map((example) => (
            <Example key={example.id} example={example} />
          ))}
        </div>
      )}
    </Stack>
  );
}

function Example({ example }: { example: RuleTestResult["examples"][number] }) {
  const t = useTranslations("intakeRules");
  const labels = useColumnLabels();
  const timeZone = useTimeZone() ?? "UTC";
  const values = Object.values(example.values).filter((value) => value !== null && value !== "");
  return (
    <div className={classes.example}>
      <Text size="xs" c="dimmed">
        {formatTime(example.created_at, timeZone)}
      </Text>
      {example.changes.length === 0 && <Text size="sm">{values.join(" · ")}</Text>}
      {example.changes.map(({ column, before, after }) => (
        <dl key={column} className={classes.change}>
          <dt>{t("before", { column: labels[column] ?? column })}</dt>
          <dd className={classes.before}>{before}</dd>
          <dt>{t("after")}</dt>
          <dd>{after}</dd>
        </dl>
      ))}
    </div>
  );
}
