"use client";

import { Alert, Button, FileButton, Group, Skeleton, Text } from "@mantine/core";
import { IconAlertTriangle, IconFile } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { useNumbers } from "@/components/ui/use-numbers";
import { ImportRun } from "./import-run";
import { useSample } from "./use-sample";

interface Props {
  file: File;
  onFile: (file: File) => void;
  onLeave: () => void;
}

/** The import of a chosen file, from preview to result. */
export function ImportPlan({ file, onFile, onLeave }: Props) {
  const t = useTranslations("import");
  const { bytes } = useNumbers();
  const state = useSample(file);

  const faultOf = (): string | null => {
    if (state.phase === "failed") return t("unreadable", { message: state.message });
    if (state.phase === "reading") return null;
    return state.sample.isEmpty ? t("empty") : null;
  };
  const fault = faultOf();

  return (
    <>
      <Panel p="md" mb="lg" aria-label={file.name}>
        <Group justify="space-between" gap="sm">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <IconFile size={22} stroke={1.5} aria-hidden />
            <div>
              <Text fw={600}>{file.name}</Text>
              <Text size="xs" c="dimmed">
                {bytes(file.size)}
              </Text>
            </div>
          </Group>
          <FileButton onChange={(next) => next && onFile(next)}>
            {(props) => (
              <Button variant="default" size="xs" {...props}>
                {t("another")}
              </Button>
            )}
          </FileButton>
        </Group>
      </Panel>
      {state.phase === "reading" && <Skeleton h={320} role="status" aria-label={t("reading")} />}
      {fault && (
        <Alert color="red" icon={<IconAlertTriangle aria-hidden />} role="alert">
          {fault}
        </Alert>
      )}
      {state.phase === "read" && !fault && <ImportRun file={file} sample={state.sample} onLeave={onLeave} />}
    </>
  );
}
