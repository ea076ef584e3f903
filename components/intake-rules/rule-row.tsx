"use client";

import { ActionIcon, Badge, Button, Code, Group, Switch, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPencil, IconTestPipe, IconTrash } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import panelRow from "@/components/ui/panel-row.module.css";
import { useColumnLabels } from "@/components/ui/use-column-labels";
import { Tooltip } from "../ui/tooltip";
import classes from "./rule-row.module.css";
import type { Rule } from "./rules";

interface Props {
  rule: Rule;
  /** From 1. */
  position: number;
  isLast: boolean;
  isSaving: boolean;
  onEnable: (enabled: boolean) => void;
  onMove: (by: -1 | 1) => void;
  onTest: () => void;
  onEdit: () => void;
  onRemove: () => void;
}

const COLORS = { drop: "red", sample: "blue", redact: "violet" } as const satisfies Record<Rule["action"], string>;

/** One rule with its place in the order and its actions. */
export function RuleRow({ rule, position, isLast, isSaving, onEnable, onMove, onTest, onEdit, onRemove }: Props) {
  const t = useTranslations("intakeRules");
  const { name } = rule;
  return (
    <div className={panelRow.row} data-rule={rule.id} data-enabled={rule.enabled}>
      <div className={classes.order}>
        <span className={classes.position}>{position}</span>
        <Group gap={2} wrap="nowrap">
          <Icon label={`${t("moveUp")}: ${name}`} isDisabled={position === 1 || isSaving} onClick={() => onMove(-1)}>
            <IconArrowUp size={16} stroke={1.7} />
          </Icon>
          <Icon label={`${t("moveDown")}: ${name}`} isDisabled={isLast || isSaving} onClick={() => onMove(1)}>
            <IconArrowDown size={16} stroke={1.7} />
          </Icon>
        </Group>
      </div>
      <div className={panelRow.facts}>
        <Group gap={8}>
          <Text size="sm" fw={600} c={rule.enabled ? undefined : "dimmed"} style={{ overflowWrap: "anywhere" }}>
            {name}
          </Text>
          <Badge size="sm" variant="light" tt="none" color={rule.enabled ? COLORS[rule.action] : "gray"}>
            {rule.action === "sample" ? t("sampleBadge", { share: rule.share }) : t(`actions.${rule.action}`)}
          </Badge>
          {!rule.enabled && (
            <Badge size="sm" variant="outline" tt="none" color="gray">
              {t("disabled")}
            </Badge>
          )}
        </Group>
        <Text size="sm" mt={4}>
          {rule.filter === null ? (
            <Text span c="dimmed" size="sm">
              {t("allEvents")}
            </Text>
          ) : (
            <Code style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>{rule.filter}</Code>
          )}
        </Text>
        {rule.action === "redact" && <RedactFacts rule={rule} />}
      </div>
      <Group gap="xs" wrap="nowrap">
        <Switch
          checked={rule.enabled}
          disabled={isSaving}
          aria-label={`${t("enabled")}: ${name}`}
          onChange={(event) => onEnable(event.currentTarget.checked)}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTestPipe size={15} />}
          aria-label={`${t("test")}: ${name}`}
          onClick={onTest}
        >
          {t("test")}
        </Button>
        <Group gap={4} wrap="nowrap">
          <Icon label={`${t("edit")}: ${name}`} onClick={onEdit}>
            <IconPencil size={16} stroke={1.7} />
          </Icon>
          <Icon label={`${t("remove")}: ${name}`} onClick={onRemove}>
            <IconTrash size={16} stroke={1.7} />
          </Icon>
        </Group>
      </Group>
    </div>
  );
}

function RedactFacts({ rule }: { rule: Extract<Rule, { action: "redact" }> }) {
  const t = useTranslations("intakeRules");
  const labels = useColumnLabels();
  const found = [...rule.kinds.map((kind) => t(`kinds.${kind}`)), ...rule.patterns];
  const columns = rule.columns.map((name) => labels[name] ?? name);
  return (
    <Text size="xs" c="dimmed" mt={4} style={{ overflowWrap: "anywhere" }}>
      {t("redactFacts", { found: found.join(t("separator")), columns: columns.join(t("separator")) })}
    </Text>
  );
}

interface IconProps {
  label: string;
  isDisabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Icon({ label, isDisabled = false, onClick, children }: IconProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={isDisabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
