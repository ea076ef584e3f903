"use client";

import { useTimeZone, useTranslations } from "next-intl";
import { formatTime } from "../ui/time";
import { useActorName } from "../ui/use-actor-name";
import type { QueueFigures } from "./queue-figures";

/** Who paused a queue and since when; nothing for one that is not paused. */
export function PauseFacts({ figures: { paused_at, paused_by } }: { figures: QueueFigures }) {
  const t = useTranslations("queues");
  const timeZone = useTimeZone() ?? "UTC";
  const actor = useActorName();
  if (paused_at === null) return null;
  return t("pausedBy", { name: actor(paused_by ?? ""), time: formatTime(paused_at, timeZone) });
}
