"use client";

import { Button, Group, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconRefresh } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { MappingExpression } from "../mappings/mapping-expression";
import { MappingSelect, nameIn } from "../mappings/mapping-select";
import { useTRPC } from "../trpc";
import { newId } from "../ui/new-id";
import { useErrorText } from "../ui/use-error-text";
import { ChangeFields } from "./change-fields";
import type { OpenedGroup } from "./dead-letter";
import { completeChanges, type DraftChange } from "./draft-change";
import { ReplayExamples } from "./replay-examples";
import { useStartReplay } from "./use-start-replay";

const PAUSE_MS = 400;
const EXAMPLES = 10;
const OWN = "own";
const EXPRESSION = "expression";

interface Props {
  group: OpenedGroup["group"];
  search: string | undefined;
  onStarted: (jobId: string) => void;
  onCancel: () => void;
}

/** How a group's dead letters are read and changed, with the effect on the last seen ones. */
export function GroupReplayForm({ group, search, onStarted, onCancel }: Props) {
  const t = useTranslations("deadLetters.edit");
  const tCommon = useTranslations("common");
  const tMapping = useTranslations("queues.mapping");
  const trpc = useTRPC();
  const errorText = useErrorText();
  const [choice, setChoice] = useState(OWN);
  const [text, setText] = useState("");
  const [drafts, setDrafts] = useState<readonly DraftChange[]>([]);
  const startReplay = useStartReplay();
  const map = choice === OWN ? undefined : choice === EXPRESSION ? text.trim() : (nameIn(choice) ?? undefined);
  const changes = completeChanges(drafts);
  const input = { queue: group.queue, error: group.error, search, map, changes };
  const [tried] = useDebouncedValue(JSON.stringify(input), PAUSE_MS);
  const isSettled = tried === JSON.stringify(input);
  const isComplete = map !== "" && changes !== undefined;
  const preview = useQuery(
    trpc.deadLetters.previewReplay.queryOptions(
      { ...input, limit: EXAMPLES },
      {
        enabled: isComplete && isSettled,
        retry: false,
        staleTime: 0,
        gcTime: 0,
        placeholderData: keepPreviousData,
      },
    ),
  );
  const problem = preview.error ? errorText(preview.error) : null;
  const position = preview.error?.data?.errors?.find(({ path }) => path === "map")?.position ?? null;
  const change = (id: string, part: Partial<DraftChange>) =>
    setDrafts(drafts.map((draft) => (draft.id === id ? { ...draft, ...part } : draft)));

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isComplete) return;
        startReplay.mutate({ ...input, changes }, { onSuccess: ({ job_id }) => onStarted(job_id) });
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t("hint")}
        </Text>
        <MappingSelect
          table={group.queue}
          label={t("mapping")}
          none={{ value: OWN, label: t("ownMapping") }}
          own={[{ value: EXPRESSION, label: tMapping("expression") }]}
          value={choice}
          onChange={setChoice}
        />
        {choice === EXPRESSION && (
          <MappingExpression
            label={tMapping("expressionLabel")}
            description={tMapping("expressionHint")}
            text={text}
            onChange={setText}
            position={position}
            problem={problem}
          />
        )}
        {drafts.map((draft) => (
          <ChangeFields
            key={draft.id}
            draft={draft}
            fields={preview.data?.fields ?? []}
            onChange={(part) => change(draft.id, part)}
            onRemove={() => setDrafts(drafts.filter(({ id }) => id !== draft.id))}
          />
        ))}
        <div>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() =>
              setDrafts([...drafts, { id: newId(), change: "replace", field: "", find: "", replace: "", format: "" }])
            }
          >
            {t("addChange")}
          </Button>
        </div>
        {problem !== null && choice !== EXPRESSION && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {problem}
          </Text>
        )}
        {problem === null && <ReplayExamples preview={preview} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {tCommon("cancel")}
          </Button>
          <Button
            type="submit"
            leftSection={<IconRefresh size={16} />}
            loading={startReplay.isPending}
            disabled={!isComplete || problem !== null}
          >
            {t("start", { count: preview.data?.total ?? group.count })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
