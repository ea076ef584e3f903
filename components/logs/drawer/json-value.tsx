import { UnstyledButton } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import classes from "./log-drawer.module.css";

/** More values are plain text: as many buttons would make the drawer slow. */
const MAX_BUTTONS = 500;

interface Props {
  value: unknown;
  /** Accessible name of the button of a value. */
  label: (path: string) => string;
  /** Called with the path of a value; undefined if members cannot be filtered. */
  onPick?: (path: readonly string[], value: string | null) => void;
  /** Accessible name of the link that groups by a member. */
  groupLabel: (path: readonly string[]) => string;
  /** The URL that groups by a member; undefined if it cannot be. */
  groupHref?: (path: readonly string[]) => string | undefined;
}

/** Formatted JSON. A click on a value without members filters by it. */
export function JsonValue({ value, label, onPick, groupLabel, groupHref }: Props) {
  if (!onPick || countValues(value) > MAX_BUTTONS) return JSON.stringify(value, null, 2);
  const render = (part: unknown, path: readonly string[]): ReactNode => {
    if (typeof part === "object" && part !== null) {
      const isArray = Array.isArray(part);
      const entries = Object.entries(part);
      if (entries.length === 0) return isArray ? "[]" : "{}";
      const indent = "  ".repeat(path.length + 1);
      return (
        <>
          {isArray ? "[" : "{"}
          {entries.map(([key, member], index) => (
            <Fragment key={key}>
              {`${index === 0 ? "" : ","}\n${indent}${isArray ? "" : `${JSON.stringify(key)}: `}`}
              {render(member, [...path, key])}
            </Fragment>
          ))}
          {`\n${"  ".repeat(path.length)}${isArray ? "]" : "}"}`}
        </>
      );
    }
    // The filter expression has no name for the document itself.
    if (path.length === 0) return JSON.stringify(part);
    const href = groupHref?.(path);
    return (
      <>
        <UnstyledButton
          className={classes.jsonValue}
          aria-label={label(path.join("."))}
          onClick={() => onPick(path, part === null ? null : String(part))}
        >
          {JSON.stringify(part)}
        </UnstyledButton>
        {href !== undefined && (
          <Link
            href={href}
            prefetch={false}
            className={classes.jsonGroup}
            aria-label={groupLabel(path)}
            title={groupLabel(path)}
          >
            <IconChartBar size={13} aria-hidden />
          </Link>
        )}
      </>
    );
  };
  return render(value, []);
}

function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, member) => sum + countValues(member), 0);
}
