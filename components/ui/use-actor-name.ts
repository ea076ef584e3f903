"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";

/** Actors other than users, by their server name. */
const OTHERS = {
  schedule: "schedule",
  system: "system",
  "command line": "commandLine",
  "(no e-mail address)": "unknown",
} as const;

/** The display name of an actor: users by name, others localized. */
export function useActorName() {
  const t = useTranslations("common.actors");
  return useCallback((name: string): string => (isOther(name) ? t(OTHERS[name]) : name), [t]);
}

function isOther(name: string): name is keyof typeof OTHERS {
  return Object.hasOwn(OTHERS, name);
}
