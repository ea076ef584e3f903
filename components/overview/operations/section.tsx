"use client";

import { UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import classes from "./section.module.css";

export type SectionName = "queues" | "service" | "jobs" | "storage" | "schedules";

/** What an installation that works needs at a glance; the others open on request, and stay so in this browser. */
const OPEN_AT_FIRST: readonly SectionName[] = ["queues"];

interface Props {
  name: SectionName;
  title: string;
  /** Shown in the header, also while the section is closed. */
  summary?: ReactNode;
  /** Rendered, and its data requested, only while the section is open. */
  children: () => ReactNode;
}

/** A collapsible section. */
export function Section({ name, title, summary, children }: Props) {
  const [open, setOpen] = useLocalStorage<readonly SectionName[]>({
    key: "overview-open-sections",
    defaultValue: OPEN_AT_FIRST,
  });
  const id = useId();
  const isOpen = open.includes(name);
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <section aria-labelledby={id} className={classes.section} data-section={name}>
      <h3 className={classes.title}>
        <UnstyledButton
          className={classes.toggle}
          aria-expanded={isOpen}
          onClick={() => setOpen(isOpen ? open.filter((other) => other !== name) : [...open, name])}
        >
          <Chevron size={17} stroke={1.8} aria-hidden />
          <span id={id}>{title}</span>
          {summary && <span className={classes.summary}>{summary}</span>}
        </UnstyledButton>
      </h3>
      {isOpen && <div className={classes.content}>{children()}</div>}
    </section>
  );
}
