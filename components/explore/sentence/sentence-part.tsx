"use client";

import { Popover, type PopoverProps, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useId } from "react";
import classes from "./sentence.module.css";

interface Props {
  /** The text in the sentence. */
  text: string;
  /** What the part is, for screen readers. */
  label: string;
  /** Whether it only offers to add something. */
  isEmpty?: boolean;
  isBad?: boolean;
  width?: number;
  children: (close: () => void) => ReactNode;
}

const FIT: NonNullable<PopoverProps["middlewares"]>["size"] = {
  padding: 8,
  apply: ({ availableHeight, elements }) => {
    elements.floating.style.maxHeight = `${Math.max(240, availableHeight)}px`;
  },
};

/** A part of the sentence: a button that opens its editor. Escape closes it and returns the focus. */
export function SentencePart({ text, label, isEmpty, isBad, width = 300, children }: Props) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const id = useId();
  return (
    <Popover
      opened={opened}
      onChange={(open) => !open && close()}
      position="bottom-start"
      shadow="md"
      width={width}
      trapFocus
      returnFocus
      middlewares={{ flip: true, shift: true, size: FIT }}
    >
      <Popover.Target>
        <UnstyledButton
          id={id}
          className={classes.part}
          data-empty={isEmpty || undefined}
          data-bad={isBad || undefined}
          aria-label={label}
          onClick={toggle}
        >
          {text}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-labelledby={id} style={{ overflowY: "auto" }}>
        {children(close)}
      </Popover.Dropdown>
    </Popover>
  );
}
