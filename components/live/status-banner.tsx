"use client";

import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { QUEUE_PROBLEMS, type QueueProblem } from "@/server/catalog/queue-problems";
import { formatTime } from "../ui/time";
import { type QueueStatus, useQueueWatch } from "./queue-watch";
import { useStreamsFull } from "./use-streams-full";

/** The banner for lost connections and degraded or unavailable ingestion. */
export function StatusBanner() {
  const t = useTranslations("connection");
  const timeZone = useTimeZone() ?? "UTC";
  const { status, connection, updatedAt } = useQueueWatch();
  const isFull = useStreamsFull(connection === "reconnecting");
  const time = updatedAt === null ? null : formatTime(new Date(updatedAt).toISOString(), timeZone, "time");

  if (connection === "reconnecting") {
    return (
      <Alert
        color="orange"
        mb="md"
        role="alert"
        icon={<IconPlugConnectedX aria-hidden />}
        title={t(isFull ? "fullTitle" : "lostTitle")}
      >
        {t(isFull ? "full" : time === null ? "lostEarly" : "lost")}
        {time !== null && <div>{t("numbersFrom", { time })}</div>}
      </Alert>
    );
  }
  const intake = connection === "down" ? "down" : status?.status;
  if (!intake || intake === "healthy") return null;
  return (
    <Alert
      color={intake === "down" ? "red" : "orange"}
      mb="md"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(intake === "down" ? "downTitle" : "degradedTitle")}
    >
      {intake === "down" || !status ? t("downHint") : t(degradedBy(status), { refusal: refusalOf(status) })}
      {connection === "down" && time !== null && <div>{t("numbersFrom", { time })}</div>}
    </Alert>
  );
}

const DEGRADED_BY = {
  unreachable: "degraded",
  wrong_type: "degradedWrongType",
  refuses_writes: "degradedRefuses",
  no_worker: "degradedWorkers",
  stalled: "degradedStalled",
} as const satisfies Record<QueueProblem, string>;

/** Returns the most severe problem of any queue. */
function degradedBy({ queues }: QueueStatus) {
  const worst = QUEUE_PROBLEMS.find((problem) => Object.values(queues).some((queue) => queue.problem === problem));
  return worst ? DEGRADED_BY[worst] : "degradedOther";
}

function refusalOf({ queues }: QueueStatus): string {
  return Object.values(queues).find(({ refusal }) => refusal !== null)?.refusal ?? "";
}
