"use client";

import { Alert, Group, Input, NativeSelect, SegmentedControl } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { ENCODINGS } from "@/server/catalog/encodings";
import { INTAKE_FORMATS } from "@/server/catalog/formats";
import type { Choices } from "./choices";

interface Props {
  choices: Choices;
  onChange: (choices: Choices) => void;
  /** Whether the server detected the encoding. */
  isEncodingGuessed: boolean;
  disabled: boolean;
  /** Why the choices are invalid. */
  fault: string | null;
}

/** The target table, format, encoding and mode of an import. */
export function ImportChoices({ choices, onChange, isEncodingGuessed, disabled, fault }: Props) {
  const t = useTranslations();
  const { mode } = choices;
  return (
    <Panel p="md" mb="lg" aria-label={t("import.title")}>
      <Group align="flex-start" gap="lg">
        <NativeSelect
          label={t("import.table")}
          disabled={disabled}
          value={choices.table}
          onChange={({ currentTarget: { value } }) => {
            const table = LOG_TABLE_NAMES.find((name) => name === value);
            if (table) onChange({ ...choices, table });
          }}
          data={LOG_TABLE_NAMES.map((name) => ({ value: name, label: t(`tables.${name}`) }))}
        />
        <NativeSelect
          label={t("import.format")}
          disabled={disabled}
          value={choices.format}
          onChange={({ currentTarget: { value } }) => {
            const format = INTAKE_FORMATS.find((name) => name === value);
            if (format) onChange({ ...choices, format });
          }}
          data={INTAKE_FORMATS.map((name) => ({ value: name, label: t(`import.formats.${name}`) }))}
        />
        <NativeSelect
          label={t("import.encoding")}
          description={isEncodingGuessed ? t("import.encodingGuessed", { encoding: choices.encoding }) : undefined}
          inputWrapperOrder={["label", "input", "description"]}
          disabled={disabled}
          value={choices.encoding}
          onChange={({ currentTarget: { value: encoding } }) => onChange({ ...choices, encoding })}
          data={[...new Set([...ENCODINGS, choices.encoding])].map((name) => ({
            value: name,
            label: name.toUpperCase(),
          }))}
        />
        <Input.Wrapper
          label={t("import.mode")}
          labelElement="div"
          description={mode === "direct" ? t("import.directHint") : t("import.queuedHint")}
          inputWrapperOrder={["label", "input", "description"]}
        >
          <div>
            <SegmentedControl
              aria-label={t("import.mode")}
              disabled={disabled}
              value={mode}
              onChange={(value) => onChange({ ...choices, mode: value === "queued" ? "queued" : "direct" })}
              data={[
                { value: "direct", label: t("import.direct") },
                { value: "queued", label: t("import.queued") },
              ]}
            />
          </div>
        </Input.Wrapper>
      </Group>
      {fault && (
        <Alert color="orange" mt="md" icon={<IconAlertTriangle aria-hidden />} role="alert">
          {fault}
        </Alert>
      )}
    </Panel>
  );
}
