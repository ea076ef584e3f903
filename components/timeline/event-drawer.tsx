"use client";

import { useRouter } from "next/navigation";
import { logTables } from "@/server/catalog";
import { type Chip, withFilter } from "../filter-bar/filters";
import { rowKey } from "../logs/log-row";
import { OnDemand } from "../ui/on-demand";
import type { Timeline, TimelineEvent } from "./use-timeline";
import { eventKey } from "./visit-list";

interface Props {
  timeline: Timeline;
  events: readonly TimelineEvent[];
}

const load = () => import("../logs/drawer/log-drawer");

/** The details of an event of either table. Its filters open the page of its table. */
export function EventDrawer({ timeline, events }: Props) {
  const router = useRouter();
  const { row, setRow } = timeline;
  const separator = row?.indexOf("~") ?? -1;
  const name = row?.slice(0, separator) === "user_activities" ? "user_activities" : "access_logs";
  const table = logTables[name];
  const go = (parameters: Record<string, string>) =>
    router.push(`/logs/${table.path}?${new URLSearchParams(parameters)}`);
  return (
    <OnDemand load={load} when={row !== null}>
      {({ LogDrawer }) => (
        <LogDrawer
          table={table}
          opened={row === null ? null : row.slice(separator + 1)}
          rows={events}
          onOpen={(key) => {
            const event = events.find((other) => rowKey(other) === key);
            setRow(event ? eventKey(event) : `${name}~${key}`, "replace");
          }}
          onClose={() => setRow(null, "replace")}
          onClosed={() => {}}
          onFilter={(filter: Chip) => go(withFilter({}, filter))}
          onAround={(at) => go({ at })}
        />
      )}
    </OnDemand>
  );
}
