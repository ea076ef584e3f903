import type { RouterInputs } from "../trpc";

export type LetterChange = NonNullable<RouterInputs["deadLetters"]["startReplay"]["changes"]>[number];

/** A change as it is entered. */
export interface DraftChange {
  id: string;
  change: LetterChange["change"];
  /** Empty: the whole payload. */
  field: string;
  find: string;
  replace: string;
  format: string;
}

/** The complete changes; undefined if one lacks a value. */
export function completeChanges(drafts: readonly DraftChange[]): LetterChange[] | undefined {
  const changes = drafts.flatMap(({ change, field, find, replace, format }): LetterChange[] => {
    const path = field.trim();
    if (change === "date") return path === "" || format.trim() === "" ? [] : [{ change, field: path, format }];
    return find === "" ? [] : [{ change, field: path === "" ? null : path, find, replace }];
  });
  return changes.length === drafts.length ? changes : undefined;
}
