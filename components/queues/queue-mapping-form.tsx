"use client";

import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import type { LogTableName } from "@/server/catalog";
import { MappingExpression } from "../mappings/mapping-expression";
import { MappingSelect, namedValue, nameIn } from "../mappings/mapping-select";
import { type RouterOutputs, useTRPC } from "../trpc";
import { notifyDone } from "../ui/notify";
import { QueryError } from "../ui/query-error";
import { formatTime } from "../ui/time";
import { useActorName } from "../ui/use-actor-name";
import { useErrorText } from "../ui/use-error-text";
import { MappingTrial } from "./mapping-trial";

const PAUSE_MS = 400;
const NONE = "none";
const EXPRESSION = "expression";

type Current = RouterOutputs["queues"]["mapping"];

interface Props {
  name: LogTableName;
  label: string;
  onDone: () => void;
}

/** Changes the format of a queue's events, with its effect on the waiting ones. */
export function QueueMappingForm({ name, label, onDone }: Props) {
  const trpc = useTRPC();
  const current = useQuery(trpc.queues.mapping.queryOptions({ queue: name }, { staleTime: 0 }));
  if (!current.data) return current.isPending ? <Skeleton h={160} /> : <QueryError query={current} />;
  return <Form current={current.data} name={name} label={label} onDone={onDone} />;
}

function Form({ current, name, label, onDone }: Props & { current: Current }) {
  const t = useTranslations("queues.mapping");
  const tCommon = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [choice, setChoice] = useState(() => choiceOf(current));
  const [text, setText] = useState(current.expression ?? "");
  const map = choice === NONE ? null : choice === EXPRESSION ? text.trim() : nameIn(choice);
  const [tried] = useDebouncedValue(map, PAUSE_MS);
  const trial = useQuery(
    trpc.queues.previewMapping.queryOptions(
      { queue: name, map: tried, limit: 10 },
      { enabled: tried !== "", retry: false, staleTime: 0, gcTime: 0 },
    ),
  );
  const save = useMutation(
    trpc.queues.setMapping.mutationOptions({
      onSuccess: () => {
        notifyDone(t("saved", { queue: label }));
        onDone();
      },
      onSettled: () => queryClient.invalidateQueries(trpc.queues.pathFilter()),
    }),
  );
  const { errors } = trial.error?.data ?? {};
  const position = errors?.find(({ path }) => path === "map")?.position ?? null;
  const problem = trial.error ? errorText(trial.error) : null;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (map !== "") save.mutate({ queue: name, map });
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t("hint")}
        </Text>
        <MappingSelect
          table={name}
          label={t("label")}
          isPerEvent
          none={{ value: NONE, label: t("columns") }}
          own={[{ value: EXPRESSION, label: t("expression") }]}
          value={choice}
          onChange={setChoice}
        />
        {choice === EXPRESSION ? (
          <MappingExpression
            label={t("expressionLabel")}
            description={t("expressionHint")}
            text={text}
            onChange={setText}
            position={position}
            problem={problem}
          />
        ) : (
          problem !== null && (
            <Text size="sm" c="var(--app-bad)" role="alert">
              {problem}
            </Text>
          )
        )}
        {map !== "" && problem === null && <MappingTrial trial={trial} />}
        {save.error && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {errorText(save.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={map === "" || problem !== null}>
            {t("save")}
          </Button>
        </Group>
        <Changes versions={current.versions} />
      </Stack>
    </form>
  );
}

/** A named mapping is shown as such if it is still the one in use. */
function choiceOf({ mapping, expression }: Current): string {
  if (mapping === null) return NONE;
  if (mapping === expression && !/^[a-z0-9._-]+$/.test(mapping)) return EXPRESSION;
  return namedValue(mapping.split("@")[0] ?? mapping);
}

const SHOWN_VERSIONS = 5;

function Changes({ versions }: Pick<Current, "versions">) {
  const t = useTranslations("queues.mapping");
  const actorName = useActorName();
  const timeZone = useTimeZone() ?? "UTC";
  if (versions.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {t("changes")}
      </Text>
      {versions.slice(0, SHOWN_VERSIONS).map(({ version, mapping, changed_at, changed_by }) => (
        <Text key={version} size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {t("changed", {
            time: formatTime(changed_at, timeZone),
            name: actorName(changed_by),
            format: mapping ?? t("columns"),
          })}
        </Text>
      ))}
    </div>
  );
}
