"use client";

import { useMessages } from "next-intl";
import { useCallback } from "react";
import type { Column } from "@/server/catalog";

/** Labels by code; a code with a dot, such as `user.disable`, is nested in a group. */
interface Labels {
  readonly [code: string]: string | Labels;
}

export interface CodeLabel {
  readonly code: string;
  readonly label: string;
}

/** The labels of a column's codes in the user's language. */
export function useCodeLabels() {
  const { codes } = useMessages();

  /** Undefined for unknown codes and for columns without codes. */
  const labelOf = useCallback(
    (column: Column, code: string): string | undefined => {
      const parts = code.split(".");
      const found = column.codes && parts.reduce<string | Labels | undefined>(part, codes[column.codes]);
      return typeof found === "string" ? found : undefined;
    },
    [codes],
  );

  /** All codes of a column, in the order of the messages. */
  const labelsOf = useCallback(
    (column: Column): CodeLabel[] => (column.codes ? flat(codes[column.codes], "") : []),
    [codes],
  );

  return { labelOf, labelsOf };
}

function part(labels: string | Labels | undefined, name: string): string | Labels | undefined {
  return typeof labels === "object" && Object.hasOwn(labels, name) ? labels[name] : undefined;
}

function flat(labels: Labels, group: string): CodeLabel[] {
  return Object.entries(labels).flatMap(([name, label]) =>
    typeof label === "string" ? [{ code: group + name, label }] : flat(label, `${group}${name}.`),
  );
}
