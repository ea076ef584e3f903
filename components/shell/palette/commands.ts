/** A line of the command palette. */
export interface Command {
  /** Unique in the palette. */
  readonly id: string;
  readonly group: "pages" | "views" | "addresses" | "actions" | "users" | "search";
  readonly label: string;
  readonly hint?: string;
  /** Further words by which it is found. */
  readonly words?: string;
  /** The address that it opens, or what it does. */
  readonly to: string | (() => void);
}

/**
 * Returns the commands that contain every word of the text, those whose label starts with it first.
 * @param max the number that is returned
 */
export function matchingCommands(commands: readonly Command[], text: string, max: number): Command[] {
  const needle = text.trim().toLowerCase();
  const words = needle.split(/\s+/);
  const rank = ({ label }: Command) => {
    const lower = label.toLowerCase();
    if (lower.startsWith(needle)) return 0;
    return lower.includes(needle) ? 1 : 2;
  };
  return commands
    .filter(({ label, hint = "", words: more = "" }) => {
      const all = `${label} ${hint} ${more}`.toLowerCase();
      return words.every((word) => all.includes(word));
    })
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, max);
}
