import { useEffect } from "react";

const NAME = "searched-text";
/** Limits the work for pages with thousands of matches. */
const MAX_MATCHES = 2_000;

/**
 * Highlights texts below `root` in any case, without changing its elements (CSS Custom Highlight API). Browsers without
 * it show the text as it is.
 * @param rendered changes with the content of `root`
 */
export function useHighlight(root: HTMLElement | null, texts: readonly string[], rendered: unknown): void {
  const key = JSON.stringify(texts);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key and the content represent the texts and nodes.
  useEffect(() => {
    if (!root || texts.length === 0 || !("highlights" in CSS)) return;
    CSS.highlights.set(NAME, new Highlight(...matchesOf(root, texts)));
    return () => {
      CSS.highlights.delete(NAME);
    };
  }, [root, key, rendered]);
}

function matchesOf(root: HTMLElement, texts: readonly string[]): Range[] {
  const escaped = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(escaped.join("|"), "giu");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const ranges: Range[] = [];
  for (let node = walker.nextNode(); node && ranges.length < MAX_MATCHES; node = walker.nextNode()) {
    for (const match of (node.nodeValue ?? "").matchAll(expression)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      ranges.push(range);
    }
  }
  return ranges;
}
