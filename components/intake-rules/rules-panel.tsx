"use client";

import { Button, EmptyState, Group, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconFilterCog, IconPlus } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { formatTime } from "@/components/ui/time";
import { useActorName } from "@/components/ui/use-actor-name";
import { useDialog } from "@/components/ui/use-dialog";
import { RuleRow } from "./rule-row";
import { moved, type Rule, type RuleSet } from "./rules";
import { useSaveRules } from "./use-save-rules";

const loadForm = () => import("./rule-form");
const loadTest = () => import("./rule-test");

const FORM = "intake-rule";

/** The ordered rules of one log table. */
export function RulesPanel({ set }: { set: RuleSet }) {
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const actorName = useActorName();
  const openDialog = useDialog();
  const { save, isSaving } = useSaveRules(set);
  const { table, rules } = set;
  const heading = `rules-${table}`;

  const edit = (rule: Rule | null) =>
    openDialog(loadForm, ({ RuleForm }) =>
      modals.open({
        modalId: FORM,
        size: "xl",
        title: rule
          ? t("intakeRules.editTitle", { name: rule.name })
          : t("intakeRules.addTitle", { table: t(`tables.${table}`) }),
        children: <RuleForm set={set} rule={rule} onDone={() => modals.close(FORM)} />,
      }),
    );
  const test = (rule: Rule) =>
    openDialog(loadTest, ({ RuleTest }) =>
      modals.open({
        size: "xl",
        title: t("intakeRules.testTitle", { name: rule.name }),
        children: <RuleTest table={table} rule={rule} />,
      }),
    );
  const confirmRemove = (rule: Rule) =>
    modals.openConfirmModal({
      title: t("intakeRules.removeTitle", { name: rule.name }),
      children: <Text size="sm">{t("intakeRules.removeBody")}</Text>,
      labels: { confirm: t("intakeRules.remove"), cancel: t("common.cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => save(rules.filter(({ id }) => id !== rule.id)),
    });

  return (
    <Panel mb="lg" aria-labelledby={heading} pb={rules.length > 0 ? "xs" : undefined} data-rules={table}>
      <Group justify="space-between" px={{ base: "md", sm: "lg" }} pt="md" pb="sm" gap="xs">
        <div>
          <Title order={2} id={heading}>
            {t(`tables.${table}`)}
          </Title>
          {set.changed_at !== null && (
            <Text size="sm" c="dimmed">
              {t("intakeRules.changed", {
                version: set.version,
                name: actorName(set.changed_by ?? ""),
                time: formatTime(set.changed_at, timeZone),
              })}
            </Text>
          )}
        </div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} />}
          aria-label={t("intakeRules.addTitle", { table: t(`tables.${table}`) })}
          onClick={() => edit(null)}
        >
          {t("intakeRules.add")}
        </Button>
      </Group>
      {rules.length === 0 && (
        <EmptyState
          icon={<IconFilterCog stroke={1.6} />}
          title={t("intakeRules.none")}
          description={t("intakeRules.noneHint")}
          pb="xl"
          px="md"
        />
      )}
      {rules.map((rule, index) => (
        <RuleRow
          key={rule.id}
          rule={rule}
          position={index + 1}
          isLast={index === rules.length - 1}
          isSaving={isSaving}
          onEnable={(enabled) => save(rules.map((one) => (one.id === rule.id ? { ...one, enabled } : one)))}
          onMove={(by) => save(moved(rules, index, index + by))}
          onTest={() => test(rule)}
          onEdit={() => edit(rule)}
          onRemove={() => confirmRemove(rule)}
        />
      ))}
    </Panel>
  );
}
