"use client";

import { Combobox, Modal, TextInput, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useOpened } from "../../ui/use-opened";
import classes from "./command-palette.module.css";
import { type Command, matchingCommands } from "./commands";
import { useCommands } from "./use-commands";

const MAX_SHOWN = 60;
const GROUPS = ["pages", "views", "addresses", "actions", "users", "search"] as const;

/** The dialog of the command palette. */
export function PaletteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTranslations("palette");
  return (
    <Modal
      opened={useOpened(opened)}
      onClose={onClose}
      withCloseButton={false}
      title={t("open")}
      classNames={{ header: classes.title, body: classes.body }}
      size="lg"
      yOffset="12vh"
      transitionProps={{ duration: 0 }}
    >
      <Palette onDone={onClose} />
    </Modal>
  );
}

function Palette({ onDone }: { onDone: () => void }) {
  const t = useTranslations("palette");
  const router = useRouter();
  const combobox = useCombobox({ opened: true });
  const [text, setText] = useState("");
  const commands = matchingCommands(useCommands(text), text, MAX_SHOWN);
  const run = (id: string) => {
    const command = commands.find((other) => other.id === id);
    if (!command) return;
    onDone();
    if (typeof command.to === "string") router.push(command.to);
    else command.to();
  };
  return (
    <Combobox store={combobox} withinPortal={false} onOptionSubmit={run}>
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          size="md"
          variant="unstyled"
          data-autofocus
          aria-label={t("open")}
          placeholder={t("placeholder")}
          leftSection={<IconSearch size={18} stroke={1.6} aria-hidden />}
          value={text}
          autoComplete="off"
          spellCheck={false}
          // The open combobox keeps Escape from the dialog. While a word is composed, Escape belongs to the input method.
          onKeyDownCapture={({ key, nativeEvent }) => key === "Escape" && !nativeEvent.isComposing && onDone()}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.selectFirstOption();
          }}
        />
      </Combobox.EventsTarget>
      <Combobox.Options className={classes.options} aria-label={t("open")}>
        {GROUPS.map((group) => {
          const own = commands.filter((command) => command.group === group);
          return (
            own.length > 0 && (
              <Combobox.Group key={group} label={t(`groups.${group}`)}>
                {own.map((command) => (
                  <Line key={command.id} command={command} />
                ))}
              </Combobox.Group>
            )
          );
        })}
        {commands.length === 0 && <Combobox.Empty>{t("nothing")}</Combobox.Empty>}
      </Combobox.Options>
    </Combobox>
  );
}

function Line({ command: { id, label, hint } }: { command: Command }) {
  return (
    <Combobox.Option value={id} className={classes.option}>
      <span className={classes.label}>{label}</span>
      {hint && <span className={classes.hint}>{hint}</span>}
    </Combobox.Option>
  );
}
