import type { DerivedText } from "@/server/catalog/derived-fields";

/**
 * The value of a derived field as server/db/derived-value.ts computes it; null without a value of the column.
 * @param other the value of the other column that the field reads
 */
export type DerivedReader = (column: string | null, other: string | null) => string | null;

/** Compiles a derived field. */
export function derivedReader(value: DerivedText): DerivedReader {
  switch (value.kind) {
    case "column":
      return (column) => column;
    case "hundreds":
      return (column) => column?.padStart(3, "0").charAt(0) ?? null;
    case "joined": {
      const parts = value.parts.map((part) => (typeof part === "string" ? () => part : derivedReader(part)));
      return (column, other) => {
        const texts = parts.map((part) => part(column, other));
        return texts.includes(null) ? null : texts.join("");
      };
    }
    case "before":
      return mapped(value.of, (text) => text.split(value.sign, 1)[0] ?? "");
    case "replaced":
      return mapped(value.of, (text) => text.replaceAll(value.text, () => value.by));
    case "substituted": {
      const pattern = new RegExp(value.pattern, "g");
      return mapped(value.of, (text) =>
        text.replace(pattern, (_match: string, ...groups: unknown[]) =>
          value.by.replace(/\\(\d)/g, (_, digit: string) => {
            const group = groups[Number(digit) - 1];
            return typeof group === "string" ? group : "";
          }),
        ),
      );
    }
    case "extracted": {
      const pattern = new RegExp(value.pattern);
      return mapped(value.of, (text) => pattern.exec(text)?.[1] ?? null);
    }
    case "lower":
      return mapped(value.of, (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
    case "flagged": {
      const pattern = new RegExp(value.lowerPattern);
      const hasMark = mapped(value.of, (text) => (text.includes(value.mark) ? "true" : null));
      const isMatching = mapped({ kind: "lower", of: value.of }, (text) => String(pattern.test(text)));
      return (column, other) =>
        other === value.value ? "true" : (hasMark(column, other) ?? isMatching(column, other));
    }
  }
}

function mapped(of: DerivedText, change: (text: string) => string | null): DerivedReader {
  const read = derivedReader(of);
  return (column, other) => {
    const text = read(column, other);
    return text === null ? null : change(text);
  };
}
