"use client";

import { useMounted } from "@mantine/hooks";
import { useQueryState } from "nuqs";
import { useState } from "react";
import type { Bounds } from "../../time-range/bounds";
import { CHANGES_PARAMETER, type ChangesWindow, parseAsWindow, windowOf } from "./changes-window";

/** The window whose changes a page explains, stored in the URL; null while the panel is closed. */
export function useChangesWindow() {
  const [window, setWindow] = useQueryState(CHANGES_PARAMETER, parseAsWindow.withOptions({ history: "push" }));
  const [isOpenedHere, setIsOpenedHere] = useState(false);
  const isMounted = useMounted();
  return {
    // What a window has to do with the present time differs between the server and the browser.
    window: isMounted ? window : null,
    /** Whether the user opened the panel, rather than a link. */
    isOpenedHere,
    open: (bounds: Bounds) => {
      setIsOpenedHere(true);
      void setWindow(windowOf(bounds, Date.now()));
    },
    change: (next: ChangesWindow | null) => void setWindow(next),
  };
}
