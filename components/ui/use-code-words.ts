"use client";

import { useMessages } from "next-intl";
import { useCallback } from "react";
import type { Column } from "@/server/catalog";

/** Labels by code; a code with a dot, such as `user.disable`, is nested in a group. */
interface Words {
  readonly [code: string]: string | Words;
}

export interface CodeWord {
  readonly code: string;
  readonly word: string;
}

/** The labels of a column's codes in the user's language. */
export function useCodeWords() {
  const { codes } = useMessages();

  /** Undefined for unknown codes and for columns without codes. */
  const wordOf = useCallback(
    (column: Column, code: string): string | undefined => {
      const parts = code.split(".");
      const found = column.codes && parts.reduce<string | Words | undefined>(part, codes[column.codes]);
      return typeof found === "string" ? found : undefined;
    },
    [codes],
  );

  /** All codes of a column, in the order of the messages. */
  const wordsOf = useCallback(
    (column: Column): CodeWord[] => (column.codes ? flat(codes[column.codes], "") : []),
    [codes],
  );

  return { wordOf, wordsOf };
}

function part(words: string | Words | undefined, name: string): string | Words | undefined {
  return typeof words === "object" && Object.hasOwn(words, name) ? words[name] : undefined;
}

function flat(words: Words, group: string): CodeWord[] {
  return Object.entries(words).flatMap(([name, word]) =>
    typeof word === "string" ? [{ code: group + name, word }] : flat(word, `${group}${name}.`),
  );
}
