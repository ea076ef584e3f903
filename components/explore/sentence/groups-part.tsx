"use client";

import { ActionIcon, Group, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type ExploreQuestion, MAX_GROUPS } from "../state";
import { useExploreText } from "../use-explore-text";
import { FieldList } from "./field-list";
import { SentencePart } from "./sentence-part";

interface Props {
  question: ExploreQuestion;
  isBad: boolean;
  onChange: (next: ExploreQuestion) => void;
}

/** The fields by which rows are grouped. */
export function GroupsPart({ question, isBad, onChange }: Props) {
  const t = useTranslations("explore");
  const text = useExploreText(question.table);
  const { groups } = question;
  const isEmpty = groups.length === 0;
  const fields = text.list(groups.map((group) => text.inText(text.field(group))));
  const value = isEmpty ? t("groupBy") : t("by", { fields });
  const example = question.table === "access_logs" ? "extra.tenant" : "details.amount";
  return (
    <SentencePart text={value} label={t("parts.groups", { value })} isEmpty={isEmpty} isBad={isBad} width={320}>
      {(close) => (
        <Stack gap="sm">
          {groups.map((group) => (
            <Group key={group} justify="space-between" wrap="nowrap">
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {text.field(group)}
              </Text>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("edit.remove", { name: text.field(group) })}
                onClick={() => onChange({ ...question, groups: groups.filter((other) => other !== group) })}
              >
                <IconX size={15} />
              </ActionIcon>
            </Group>
          ))}
          {groups.length < MAX_GROUPS && (
            <FieldList
              question={question}
              kind="group"
              label={isEmpty ? t("edit.group") : t("edit.addGroup")}
              without={groups}
              onChoose={(field) => {
                onChange({ ...question, groups: [...groups, field] });
                close();
              }}
            />
          )}
          <Text size="xs" c="dimmed">
            {t("edit.groupsHint", { max: MAX_GROUPS, example })}
          </Text>
        </Stack>
      )}
    </SentencePart>
  );
}
