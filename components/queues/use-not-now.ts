"use client";

import { useTranslations } from "next-intl";
import { useQueueWatch } from "../live/queue-watch";
import { isCutOff } from "../live/use-old-since";
import { type Permission, useMay } from "../session";

/** Why the user cannot change a queue now: no permission, or a server or database that does not answer. Null if they can. */
export function useNotNow(permission: Permission): string | null {
  const t = useTranslations();
  const { connection } = useQueueWatch();
  const allowed = useMay(permission);
  if (!allowed) return t("common.operatorOnly");
  if (!isCutOff(connection)) return null;
  return t(connection === "down" ? "connection.down" : "connection.lostTitle");
}
