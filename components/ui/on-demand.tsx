"use client";

import { type ReactNode, useEffect } from "react";
import { useOnDemand } from "./use-on-demand";

interface Props<T> {
  /** A function that stays the same. */
  load: () => Promise<T>;
  /** Whether the part has been needed; it remains once it is loaded, so that it can close by itself. */
  when?: boolean;
  /** What is shown until the code is loaded. */
  instead?: ReactNode;
  children: (loaded: T) => ReactNode;
}

/** A part of a page whose code is loaded when the part is first shown. */
export function OnDemand<T>({ load, when = true, instead = null, children }: Props<T>) {
  const [loaded, request] = useOnDemand(load);
  useEffect(() => {
    if (when) request();
  }, [when, request]);
  return loaded === undefined ? instead : children(loaded);
}
