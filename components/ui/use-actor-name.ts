"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";

/** What acts without a person, as the server names it. */
const OTHERS = { schedule: "schedule", system: "system", "command line": "commandLine" } as const;

/** Who did something: a person's name as it is, what is no person in the reader's language. */
export function useActorName() {
  const t = useTranslations("common.actors");
  return useCallback((name: string): string => (isOther(name) ? t(OTHERS[name]) : name), [t]);
}

function isOther(name: string): name is keyof typeof OTHERS {
  return Object.hasOwn(OTHERS, name);
}
