import type { GroupProps } from "@mantine/core";
import type { ReactNode } from "react";
import { AsOf } from "./as-of";
import classes from "./old-figures.module.css";

interface Props extends Omit<GroupProps, "children"> {
  /** When the figures were read, in milliseconds since 1970, if newer ones cannot be read; otherwise null. */
  since: number | null;
  children: ReactNode;
}

/** Dims figures that may no longer be true, and states above them from when they are. */
export function OldFigures({ since, children, ...note }: Props) {
  return (
    <>
      {since !== null && <AsOf since={since} {...note} />}
      <div className={classes.figures} data-old={since !== null || undefined}>
        {children}
      </div>
    </>
  );
}
