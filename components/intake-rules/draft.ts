import { type LogTableName, logTables } from "@/server/catalog";
import { newId } from "../ui/new-id";
import { type Action, KINDS, type Rule } from "./rules";

/** A rule as typed. */
export interface Draft {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly action: Action;
  readonly filter: string;
  readonly share: number | string;
  readonly columns: string[];
  readonly kinds: (typeof KINDS)[number][];
  /** One expression per line. */
  readonly patterns: string;
}

/** The columns that most often contain personal data. */
const USUAL = ["request_path", "referer", "user_agent", "details", "extra"];

export function draftOf(table: LogTableName, rule: Rule | null): Draft {
  const isRedact = rule?.action === "redact";
  const columns: readonly { readonly name: string }[] = logTables[table].columns;
  return {
    id: rule?.id ?? newId(),
    name: rule?.name ?? "",
    enabled: rule?.enabled ?? true,
    action: rule?.action ?? "drop",
    filter: rule?.filter ?? "",
    share: rule?.action === "sample" ? rule.share : 10,
    columns: isRedact ? rule.columns : USUAL.filter((name) => columns.some((column) => column.name === name)),
    kinds: isRedact ? rule.kinds : KINDS.slice(0, 3),
    patterns: isRedact ? rule.patterns.join("\n") : "",
  };
}

/** The rule of a complete draft; undefined if something is missing. */
export function ruleOf({ id, enabled, action, share, columns, kinds, ...draft }: Draft): Rule | undefined {
  const name = draft.name.trim();
  const text = draft.filter.trim();
  const filter = text === "" ? null : text;
  if (name === "") return undefined;
  switch (action) {
    case "drop":
      return filter === null ? undefined : { id, name, enabled, action, filter };
    case "sample":
      return typeof share === "number" ? { id, name, enabled, action, filter, share } : undefined;
    case "redact": {
      const patterns = draft.patterns.split("\n").filter((line) => line.trim() !== "");
      if (columns.length === 0 || kinds.length + patterns.length === 0) return undefined;
      return { id, name, enabled, action, filter, columns: [...columns], kinds: [...kinds], patterns };
    }
  }
}
