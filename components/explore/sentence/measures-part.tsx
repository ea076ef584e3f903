"use client";

import { ActionIcon, Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { MEASURE_FUNCTIONS, type MeasureFunction } from "@/server/catalog/explore";
import { type ExploreQuestion, hasField, MAX_MEASURES, measureName } from "../state";
import type { Measure } from "../types";
import { useExploreText } from "../use-explore-text";
import { FieldList } from "./field-list";
import { SentencePart } from "./sentence-part";

interface Props {
  question: ExploreQuestion;
  isBad: boolean;
  onChange: (next: ExploreQuestion) => void;
}

/** What is measured: the chosen measures, and another one by its function and field. */
export function MeasuresPart({ question, isBad, onChange }: Props) {
  const t = useTranslations("explore");
  const text = useExploreText(question.table);
  const value = text.list(
    question.measures.map((measure, index) =>
      index === 0 ? text.measure(measure) : text.inText(text.measure(measure)),
    ),
  );
  return (
    <SentencePart text={value} label={t("parts.measures", { value })} isBad={isBad} width={320}>
      {(close) => <Measures question={question} onChange={onChange} onDone={close} />}
    </SentencePart>
  );
}

function Measures({ question, onChange, onDone }: Omit<Props, "isBad"> & { onDone: () => void }) {
  const t = useTranslations("explore");
  const text = useExploreText(question.table);
  const { measures } = question;
  // A single measure is replaced: that is what a click on it is for.
  const [isAdding, setIsAdding] = useState(measures.length === 1);
  const [isReplacing, setIsReplacing] = useState(measures.length === 1);
  const [fn, setFn] = useState<MeasureFunction | null>(null);
  const functions = MEASURE_FUNCTIONS.filter((name) => name !== "error_rate" || question.table === "access_logs");

  const add = (measure: Measure) => {
    onChange({ ...question, measures: isReplacing ? [measure] : [...measures, measure] });
    setFn(null);
    setIsAdding(false);
    setIsReplacing(false);
    onDone();
  };

  return (
    <Stack gap="sm">
      {!(isReplacing && isAdding) && (
        <Stack gap={2}>
          {measures.map((measure) => (
            <Group key={measureName(measure)} justify="space-between" wrap="nowrap">
              <Text size="sm">{text.measure(measure)}</Text>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("edit.remove", { name: text.measure(measure) })}
                disabled={measures.length === 1}
                onClick={() => onChange({ ...question, measures: measures.filter((other) => other !== measure) })}
              >
                <IconX size={15} />
              </ActionIcon>
            </Group>
          ))}
        </Stack>
      )}
      {isAdding && fn === null && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {t("edit.measure")}
          </Text>
          {functions.map((name) => (
            <UnstyledButton
              key={name}
              display="block"
              w="100%"
              px={8}
              py={5}
              fz="sm"
              onClick={() => {
                if (hasField(name)) setFn(name);
                else add({ fn: name });
              }}
            >
              {t(`functions.${name}`)}
              {isHinted(name) && (
                <Text span size="xs" c="dimmed" ml={8}>
                  {t(`functionHints.${name}`)}
                </Text>
              )}
            </UnstyledButton>
          ))}
        </div>
      )}
      {isAdding && fn !== null && (
        <FieldList
          question={question}
          kind={fn === "distinct" ? "distinct" : "number"}
          label={`${t(`functions.${fn}`)}: ${t("edit.of")}`}
          onChoose={(field) => add({ fn, field })}
        />
      )}
      {(!isAdding || isReplacing) && measures.length < MAX_MEASURES && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: "flex-start" }}
          onClick={() => {
            setIsReplacing(false);
            setIsAdding(true);
            setFn(null);
          }}
        >
          {t("edit.addMeasure")}
        </Button>
      )}
    </Stack>
  );
}

/** Sums, averages and extremes need no explanation. */
function isHinted(fn: MeasureFunction): fn is Exclude<MeasureFunction, "sum" | "avg" | "min" | "max"> {
  return fn !== "sum" && fn !== "avg" && fn !== "min" && fn !== "max";
}
