"use client";

import { Button, Drawer, Group, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { LogTableName } from "@/server/catalog";
import { Tooltip } from "../ui/tooltip";
import { QueueMappingForm } from "./queue-mapping-form";
import { useNotNow } from "./use-not-now";

interface Props {
  name: LogTableName;
  label: string;
  /** The mapping's name with its version, or its expression; null for none. */
  mapping: string | null;
}

/** The format of a queue's events, and its change. */
export function QueueMapping({ name, label, mapping }: Props) {
  const t = useTranslations("queues.mapping");
  const reason = useNotNow("queues.mapping");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Group gap="xs" mt={4} wrap="nowrap" data-testid="queue-mapping">
      <Text size="sm" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
        {t("format", { format: mapping ?? t("columns") })}
      </Text>
      <Tooltip label={reason} disabled={reason === null}>
        <Button
          variant="subtle"
          size="compact-sm"
          flex="none"
          leftSection={<IconPencil size={15} />}
          aria-label={`${t("change")}: ${label}`}
          aria-disabled={reason !== null}
          data-disabled={reason !== null || undefined}
          onClick={() => reason === null && setIsOpen(true)}
        >
          {t("change")}
        </Button>
      </Tooltip>
      <Drawer
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        position="right"
        size="xl"
        title={t("title", { queue: label })}
      >
        {isOpen && <QueueMappingForm name={name} label={label} onDone={() => setIsOpen(false)} />}
      </Drawer>
    </Group>
  );
}
