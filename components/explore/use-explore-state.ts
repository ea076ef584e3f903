"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { CHANGES_PARAMETER } from "./changes/changes-window";
import { type ExploreQuestion, type ExploreView, normalized, readExplore, writeExplore } from "./state";

/** The question of the page, stored in the URL: each change is a step of the browser's back button. */
export function useExploreState() {
  const search = useSearchParams().toString();
  const pathname = usePathname();
  const state = useMemo(() => readExplore(search), [search]);
  const { question, view } = state;
  const go = useCallback(
    (next: ExploreQuestion, nextView: ExploreView) => {
      const params = new URLSearchParams(search);
      const changes = next.table === readExplore(params).question.table ? params.get(CHANGES_PARAMETER) : null;
      const query = writeExplore(normalized(next), nextView);
      const panel =
        changes === null ? "" : `${query === "" ? "?" : "&"}${new URLSearchParams({ [CHANGES_PARAMETER]: changes })}`;
      // A navigation of the router asks the server for the page again, which fails without a connection.
      window.history.pushState(null, "", `${pathname}${query}${panel}`);
    },
    [pathname, search],
  );
  return {
    question,
    view,
    setQuestion: (next: ExploreQuestion) => go(next, view),
    setView: (next: ExploreView) => go(question, next),
  };
}
