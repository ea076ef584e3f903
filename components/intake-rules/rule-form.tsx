"use client";

import { Button, Divider, Group, NumberInput, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconTestPipe } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useExpressionProblem } from "@/components/filter-bar/use-expression-problem";
import { useTRPC } from "@/components/trpc";
import { notifyDone } from "@/components/ui/notify";
import { useErrorText } from "@/components/ui/use-error-text";
import { draftOf, ruleOf } from "./draft";
import { RedactFields } from "./redact-fields";
import { RuleTest } from "./rule-test";
import { ACTIONS, type Rule, type RuleSet } from "./rules";

/** Adds or changes a rule, with its effect on the last hour. */
export function RuleForm({ set, rule, onDone }: { set: RuleSet; rule: Rule | null; onDone: () => void }) {
  const t = useTranslations("intakeRules");
  const tCommon = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const problemOf = useExpressionProblem([set.table]);
  const [draft, setDraft] = useState(() => draftOf(set.table, rule));
  const [sent, setSent] = useState(false);
  const [tested, setTested] = useState<Rule | null>(null);
  const change = (part: Partial<typeof draft>) => {
    setDraft({ ...draft, ...part });
    setTested(null);
  };
  const save = useMutation(
    trpc.intakeRules.save.mutationOptions({
      onSuccess: () => {
        notifyDone(t("saved"));
        onDone();
      },
      onSettled: () => queryClient.invalidateQueries(trpc.intakeRules.pathFilter()),
    }),
  );
  const complete = ruleOf(draft);
  const filterProblem = problemOf(draft.filter);
  const isFilterMissing = draft.action === "drop" && draft.filter.trim() === "";
  const isValid = complete !== undefined && filterProblem === undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (!isValid) return;
    const { table, version, rules } = set;
    const next = rule ? rules.map((one) => (one.id === rule.id ? complete : one)) : [...rules, complete];
    save.mutate({ table, version, rules: next });
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t("name")}
          value={draft.name}
          maxLength={100}
          error={sent && draft.name.trim() === "" && t("required")}
          onChange={(event) => change({ name: event.currentTarget.value })}
          data-autofocus
        />
        <div>
          <SegmentedControl
            fullWidth
            aria-label={t("action")}
            data={ACTIONS.map((value) => ({ value, label: t(`actions.${value}`) }))}
            value={draft.action}
            onChange={(value) => change({ action: ACTIONS.find((one) => one === value) ?? "drop" })}
          />
          <Text size="xs" c="dimmed" mt={4}>
            {t(`about.${draft.action}`)}
          </Text>
        </div>
        <Textarea
          label={t("condition")}
          description={t(draft.action === "drop" ? "conditionHint" : "conditionOptional")}
          placeholder="request_path:/health* user_agent:*kube*"
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          value={draft.filter}
          error={filterProblem ?? (sent && isFilterMissing && t("required"))}
          onChange={(event) => change({ filter: event.currentTarget.value })}
        />
        {draft.action === "sample" && (
          <NumberInput
            label={t("share")}
            description={t("shareHint")}
            value={draft.share}
            min={0}
            max={100}
            decimalScale={3}
            suffix=" %"
            maw={240}
            error={sent && typeof draft.share !== "number" && t("required")}
            onChange={(share) => change({ share })}
          />
        )}
        {draft.action === "redact" && <RedactFields table={set.table} draft={draft} sent={sent} onChange={change} />}
        {save.error && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {errorText(save.error)}
          </Text>
        )}
        {tested && (
          <>
            <Divider />
            <RuleTest table={set.table} rule={tested} />
          </>
        )}
        <Group justify="space-between" gap="xs">
          <Button
            variant="default"
            leftSection={<IconTestPipe size={16} />}
            onClick={() => {
              setSent(true);
              if (isValid) setTested(complete);
            }}
          >
            {t("testOnHour")}
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={onDone}>
              {tCommon("cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("save")}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
