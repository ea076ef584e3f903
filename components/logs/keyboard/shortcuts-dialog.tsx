"use client";

import { Kbd, Modal, Switch, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Fragment } from "react";
import { useOpened } from "../../ui/use-opened";
import classes from "./shortcuts-dialog.module.css";
import { useKeysEnabled } from "./use-log-keys";

const SHORTCUTS = [
  { id: "filter", keys: ["/"] },
  { id: "rows", keys: ["j", "k", "↓", "↑"] },
  { id: "openRow", keys: ["Enter"] },
  { id: "close", keys: ["Esc"] },
  { id: "pages", keys: ["n", "p"] },
  { id: "ends", keys: ["g", "G"] },
  { id: "tail", keys: ["t"] },
  { id: "help", keys: ["?"] },
  { id: "columns", keys: ["←", "→"] },
  { id: "moveColumn", keys: ["Alt", "← →"] },
  { id: "sizeColumn", keys: ["Shift", "← →"] },
] as const;

/** The keyboard shortcuts, with a switch to disable single keys. */
export function ShortcutsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTranslations();
  const [enabled, setEnabled] = useKeysEnabled();
  return (
    <Modal opened={useOpened(opened)} onClose={onClose} title={t("logs.keys.title")}>
      <dl className={classes.list}>
        {SHORTCUTS.map(({ id, keys }) => (
          <Fragment key={id}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{t(`logs.keys.${id}`)}</dd>
          </Fragment>
        ))}
      </dl>
      <Switch
        mt="md"
        label={t("logs.keys.enabled")}
        checked={enabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      <Text size="xs" c="dimmed" mt={6}>
        {t("logs.keys.hint")}
      </Text>
    </Modal>
  );
}
