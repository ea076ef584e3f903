"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { CHANGES_PARAMETER } from "./changes/changes-window";
import { type ExploreQuestion, type ExploreView, normalized, readExplore, writeExplore } from "./state";

/** The question of the page, stored in the URL: each change is a step of the browser's back button. */
export function useExploreState() {
  const search = useSearchParams().toString();
  const pathname = usePathname();
  const router = useRouter();
  const state = useMemo(() => readExplore(search), [search]);
  const { question, view } = state;
  const go = useCallback(
    (next: ExploreQuestion, nextView: ExploreView) => {
      const params = new URLSearchParams(search);
      const changes = next.table === readExplore(params).question.table ? params.get(CHANGES_PARAMETER) : null;
      const query = writeExplore(normalized(next), nextView);
      const panel =
        changes === null ? "" : `${query === "" ? "?" : "&"}${new URLSearchParams({ [CHANGES_PARAMETER]: changes })}`;
      router.push(`${pathname}${query}${panel}`, { scroll: false });
    },
    [router, pathname, search],
  );
  return {
    question,
    view,
    setQuestion: (next: ExploreQuestion) => go(next, view),
    setView: (next: ExploreView) => go(question, next),
  };
}
