"use client";

import { useTranslations } from "next-intl";
import { useActorName } from "../ui/use-actor-name";
import type { DeadLetterGroup } from "./dead-letter";

/** Names a producer: its source, and who imported it. */
export function useProducerText() {
  const t = useTranslations("deadLetters");
  const actorName = useActorName();
  return ({ source, requested_by }: DeadLetterGroup["producers"][number]): string => {
    const name = source === "queue" ? t("sources.queue") : source === "api" ? t("sources.api") : source;
    return [name, requested_by === null ? null : actorName(requested_by)].filter((part) => part !== null).join(" · ");
  };
}
