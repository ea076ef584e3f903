"use client";

import { Menu, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./changes.module.css";
import { baselinesOf, type ChangesWindow } from "./changes-window";
import { useChangesText } from "./use-changes-text";

interface Props {
  window: ChangesWindow;
  onChange: (next: ChangesWindow) => void;
}

/** What the window is compared with, in the sentence: a button that opens the others. */
export function BaselinePart({ window, onChange }: Props) {
  const t = useTranslations("changes");
  const { baseline } = useChangesText("access_logs");
  const value = baseline(window);
  return (
    <Menu position="bottom-start" shadow="md" returnFocus>
      <Menu.Target>
        <UnstyledButton className={classes.part} aria-label={t("baseline", { value })}>
          {value}
          <IconChevronDown size={14} aria-hidden className={classes.chevron} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={window.baseline}>
          {baselinesOf(window).map((name) => (
            <Menu.RadioItem
              key={name}
              value={name}
              onChange={() => onChange({ ...window, baseline: name })}
              closeMenuOnClick
            >
              {baseline({ ...window, baseline: name })}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
