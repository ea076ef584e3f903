"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { ACTIVITY, BUILT_IN, type BuiltInName, type BuiltInPanel, TRAFFIC } from "./built-in";
import type { DashboardContent } from "./dashboard";

export interface BuiltIn {
  readonly id: BuiltInName;
  readonly name: string;
  readonly about: string;
  readonly content: DashboardContent;
}

/** The dashboards that ship with the product, in the user's language. */
export function useBuiltIn(): BuiltIn[] {
  const t = useTranslations("dashboards.builtIn");
  return useMemo(() => {
    const content = <Name extends string>(
      panels: readonly BuiltInPanel<Name>[],
      title: (name: Name) => string,
      last: "24h" | "7d",
    ): DashboardContent => ({
      range: { last },
      filter: "",
      panels: panels.map(({ name, view, at: [x, y, w, h], query }) => ({
        ...{ id: name, title: title(name), view, x, y, w, h, query },
      })),
    });
    const contents = {
      traffic: content(TRAFFIC, (name) => t(`traffic.panels.${name}`), "24h"),
      activity: content(ACTIVITY, (name) => t(`activity.panels.${name}`), "7d"),
    };
    return BUILT_IN.map((id) => ({ id, name: t(`${id}.name`), about: t(`${id}.about`), content: contents[id] }));
  }, [t]);
}
