"use client";

import { Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconChevronDown, IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { HEALTH_PARTS } from "@/server/catalog/health-parts";
import { useQueueWatch } from "../../live/queue-watch";
import { isCutOff } from "../../live/use-old-since";
import { type RouterOutputs, useTRPC } from "../../trpc";
import { QueryError } from "../../ui/query-error";
import { formatTime } from "../../ui/time";
import { useCodedError } from "../../ui/use-coded-error";
import { useNumbers } from "../../ui/use-numbers";
import classes from "./status.module.css";

type Health = RouterOutputs["overview"]["health"];
type HealthPart = (typeof HEALTH_PARTS)[number];

const EVERY_MS = 5 * 60_000;
/** While something fails. */
const EVERY_MS_FAILING = 15_000;

/** The components that are not healthy with advice, and all on request. */
export function HealthLine() {
  const t = useTranslations("overview.health");
  const timeZone = useTimeZone() ?? "UTC";
  const { health, isOutdated } = useHealth();
  const [isOpen, { toggle }] = useDisclosure(false);
  const id = useId();
  const parts = health.error || isOutdated ? undefined : health.data?.parts;
  const failing = parts ? failingOf({ parts }) : [];
  return (
    <section id="health" aria-label={t("title")} className={classes.health}>
      <div className={classes.line}>
        {parts ? (
          <>
            {failing.length === 0 ? (
              <IconCircleCheck size={20} stroke={1.7} className={classes.good} aria-hidden />
            ) : (
              <IconAlertTriangle size={20} stroke={1.7} className={classes.warn} aria-hidden />
            )}
            <span className={classes.summary}>
              {failing.length === 0
                ? t("allHealthy", { count: HEALTH_PARTS.length })
                : t("someFailing", { count: failing.length, total: HEALTH_PARTS.length })}
            </span>
            <span className={classes.checked}>
              {t("checked", { time: formatTime(new Date(health.dataUpdatedAt).toISOString(), timeZone, "time") })}
            </span>
          </>
        ) : isOutdated ? (
          <span className={classes.summary}>{t("unknown")}</span>
        ) : health.error ? (
          <QueryError query={health} />
        ) : (
          <Skeleton h={20} w={260} />
        )}
        <span className={classes.actions}>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconRefresh size={15} aria-hidden />}
            loading={health.isFetching}
            onClick={() => health.refetch()}
          >
            {t("check")}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            disabled={!parts}
            aria-expanded={isOpen}
            aria-controls={id}
            rightSection={<IconChevronDown size={15} className={classes.chevron} data-open={isOpen} aria-hidden />}
            onClick={toggle}
          >
            {t("components")}
          </Button>
        </span>
      </div>
      <ul id={id} className={classes.parts} data-all={isOpen || undefined}>
        {parts && (isOpen ? HEALTH_PARTS : failing).map((part) => <Part key={part} part={part} found={parts[part]} />)}
      </ul>
    </section>
  );
}

function Part({ part, found }: { part: HealthPart; found: Health["parts"][HealthPart] }) {
  const t = useTranslations("overview.health");
  const numbers = useNumbers();
  const adviceText = useCodedError();
  return (
    <li data-state={found.state}>
      <span className={classes.dot} aria-hidden />
      <span>
        <b>{t(`parts.${part}`)}</b>{" "}
        <span className={classes.state}>
          {t(`states.${found.state}`)} · {numbers.milliseconds(found.latency_ms)}
        </span>
        {found.advice && <span className={classes.advice}>{adviceText(found.advice)}</span>}
      </span>
    </li>
  );
}

function failingOf({ parts }: Pick<Health, "parts">): HealthPart[] {
  return HEALTH_PARTS.filter((part) => parts[part].state !== "ok");
}

/**
 * The health, checked every five minutes, more often while something fails, on request, and when alerts or the
 * connection change.
 */
function useHealth() {
  const trpc = useTRPC();
  const health = useQuery(
    trpc.overview.health.queryOptions(undefined, {
      refetchInterval: ({ state: { data } }) => (data && failingOf(data).length > 0 ? EVERY_MS_FAILING : EVERY_MS),
      staleTime: EVERY_MS,
    }),
  );
  const { connection, alerts } = useQueueWatch();
  const { refetch } = health;
  const open = alerts?.map(({ id }) => id).join();
  const lastOpen = useRef(open);
  useEffect(() => {
    if (lastOpen.current !== undefined && lastOpen.current !== open) refetch();
    lastOpen.current = open;
  }, [open, refetch]);
  const lastConnection = useRef(connection);
  const [changedAt, setChangedAt] = useState(0);
  useEffect(() => {
    const before = lastConnection.current;
    lastConnection.current = connection;
    if (before === connection || (!isCutOff(before) && !isCutOff(connection))) return;
    setChangedAt(Date.now());
    refetch();
  }, [connection, refetch]);
  return { health, isOutdated: isCutOff(connection) && health.dataUpdatedAt < changedAt };
}
