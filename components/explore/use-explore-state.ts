"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { type ExploreQuestion, type ExploreView, normalized, readExplore, writeExplore } from "./state";

/** The question of the page, stored in the URL: each change is a step of the browser's back button. */
export function useExploreState() {
  const search = useSearchParams().toString();
  const pathname = usePathname();
  const router = useRouter();
  const state = useMemo(() => readExplore(search), [search]);
  const { question, view } = state;
  const go = useCallback(
    (next: ExploreQuestion, nextView: ExploreView) =>
      router.push(`${pathname}${writeExplore(normalized(next), nextView)}`, { scroll: false }),
    [router, pathname],
  );
  return {
    question,
    view,
    setQuestion: (next: ExploreQuestion) => go(next, view),
    setView: (next: ExploreView) => go(question, next),
  };
}
