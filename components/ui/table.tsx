import { Box, type BoxProps, type ElementProps } from "@mantine/core";
import classes from "./table.module.css";

type Part<Tag extends "thead" | "tbody" | "tfoot" | "tr" | "th" | "td"> = BoxProps & ElementProps<Tag, keyof BoxProps>;

interface Spacing {
  /** Padding of cells above and below: pixels, or a spacing of the theme. */
  verticalSpacing?: number | "xs";
  /** Padding of cells beside their content. */
  horizontalSpacing?: number | "xs" | "md" | "lg";
  /** Keeps the names of columns in view while the table is scrolled. */
  stickyHeader?: boolean;
  highlightOnHover?: boolean;
}

/** A table. Mantine's loads its scroll area, and with it a library that positions menus. */
export function Table({
  verticalSpacing = 7,
  horizontalSpacing = "xs",
  stickyHeader = false,
  highlightOnHover = false,
  className,
  ...props
}: BoxProps & ElementProps<"table", keyof BoxProps> & Spacing) {
  return (
    <Box
      component="table"
      className={className ? `${classes.table} ${className}` : classes.table}
      mod={{ sticky: stickyHeader, highlight: highlightOnHover }}
      __vars={{ "--cell-y": lengthOf(verticalSpacing), "--cell-x": lengthOf(horizontalSpacing) }}
      {...props}
    />
  );
}

function lengthOf(spacing: number | string): string {
  return typeof spacing === "number" ? `${spacing}px` : `var(--mantine-spacing-${spacing})`;
}

Table.Thead = (props: Part<"thead">) => <Box component="thead" {...props} />;
Table.Tbody = (props: Part<"tbody">) => <Box component="tbody" {...props} />;
Table.Tfoot = (props: Part<"tfoot">) => <Box component="tfoot" {...props} />;
Table.Tr = (props: Part<"tr">) => <Box component="tr" {...props} />;
Table.Th = (props: Part<"th">) => <Box component="th" {...props} />;
Table.Td = (props: Part<"td">) => <Box component="td" {...props} />;
