"use client";

import { useDocumentVisibility } from "@mantine/hooks";
import { replaceEqualDeep, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type RouterOutputs, useTRPC } from "../trpc";
import { errorCode } from "../ui/error-code";

export type QueueStatus = RouterOutputs["queues"]["status"];
export type QueueHistory = RouterOutputs["queues"]["history"];

interface Update {
  status: QueueStatus | null;
  history: QueueHistory | null;
  /** Firing and acknowledged. */
  alerts: RouterOutputs["alerts"]["list"]["items"] | null;
  /** Milliseconds since 1970. */
  updatedAt: number | null;
}

interface QueueWatch extends Update {
  /** `reconnecting`: the server has not responded for a while. `down`: it reports that its database is unreachable. */
  connection: "connecting" | "live" | "reconnecting" | "down";
}

const NOTHING: Update = { status: null, history: null, alerts: null, updatedAt: null };
const RESTART_MS = 3_000;
/** The server ends each stream after some minutes, and browsers reconnect after 3 seconds. */
const PATIENCE_MS = 5_000;
/** The server sends an update every second. A connection that is cut without notice only falls silent. */
const SILENCE_MS = 10_000;
/** A browser that reports to be offline may still reach a server on its own machine. */
const OFFLINE_SILENCE_MS = 1_500;

const QueueWatchContext = createContext<QueueWatch>({ ...NOTHING, connection: "connecting" });

/**
 * Provides one stream of the queue state to the whole page. A hidden tab closes its stream, because browsers open at
 * most six connections to a server and a user may have more tabs.
 */
export function QueueWatchProvider({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const visible = useDocumentVisibility() === "visible";
  const [latest, setLatest] = useState(NOTHING);
  const [isDatabaseUnreachable, setDatabaseAway] = useState(false);
  const { status, reset } = useSubscription(
    trpc.queues.watch.subscriptionOptions(undefined, {
      enabled: visible,
      // Unchanged parts retain their identity, so that charts are redrawn only for new points.
      onData: (data) => setLatest((last) => ({ ...replaceEqualDeep(last, data), updatedAt: Date.now() })),
    }),
  );
  const isInterrupted = usePersistent(visible && (status === "error" || status === "connecting"));
  const isSilent = useSilence(visible, latest.updatedAt);
  const lost = isInterrupted || isSilent;

  // A failed stream gives no reason. Requesting the session does, and redirects to the sign-in page if it has expired.
  const check = useCallback(
    () =>
      queryClient.fetchQuery(trpc.me.queryOptions(undefined, { retry: false, staleTime: 0 })).then(
        () => setDatabaseAway(false),
        (reason: unknown) => setDatabaseAway(errorCode(reason) === "UNAVAILABLE"),
      ),
    [queryClient, trpc],
  );

  // Browsers reconnect after a lost connection, but not after an error response.
  useEffect(() => {
    if (status !== "error") return;
    const timer = setTimeout(() => {
      check();
      reset();
    }, RESTART_MS);
    return () => clearTimeout(timer);
  }, [status, reset, check]);

  useEffect(() => {
    if (!lost) return;
    check();
    const timer = setInterval(check, PATIENCE_MS);
    return () => clearInterval(timer);
  }, [lost, check]);

  // Failed queries are refetched when the server is available again.
  const wasLost = useRef(false);
  useEffect(() => {
    if (wasLost.current && !lost)
      queryClient.refetchQueries({ type: "active", predicate: ({ state }) => state.status === "error" });
    wasLost.current = lost;
  }, [lost, queryClient]);

  const watch = useMemo<QueueWatch>(() => {
    const usual = latest.updatedAt === null ? "connecting" : "live";
    return { ...latest, connection: lost ? (isDatabaseUnreachable ? "down" : "reconnecting") : usual };
  }, [latest, lost, isDatabaseUnreachable]);

  return <QueueWatchContext value={watch}>{children}</QueueWatchContext>;
}

/** Returns the state of the queues, updated every second; `status` is null until the first update. */
export function useQueueWatch(): QueueWatch {
  return useContext(QueueWatchContext);
}

/** Returns whether `state` has been true for PATIENCE_MS. */
function usePersistent(state: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!state) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => setLasting(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return lasting;
}

/** Returns whether no update has followed that of `updatedAt` for SILENCE_MS, or since the browser went offline. */
function useSilence(isExpected: boolean, updatedAt: number | null): boolean {
  const [isSilent, setSilent] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each update starts the time again
  useEffect(() => {
    if (!isExpected) return;
    let timer = setTimeout(() => setSilent(true), SILENCE_MS);
    const hurry = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setSilent(true), OFFLINE_SILENCE_MS);
    };
    window.addEventListener("offline", hurry);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("offline", hurry);
      setSilent(false);
    };
  }, [isExpected, updatedAt]);
  return isSilent;
}
