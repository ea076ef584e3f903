"use client";

import { useDocumentVisibility } from "@mantine/hooks";
import { skipToken } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useReducer, useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { useStreamRestart } from "../../live/use-stream-restart";
import { useTRPC } from "../../trpc";
import type { LogRow } from "../log-row";
import { NO_TAIL, tailReducer } from "./tail-state";

/** The server ends each stream after some minutes, and browsers reconnect after 3 seconds. */
const PATIENCE_MS = 5_000;
/** The server caches a page for 2 seconds. A page read after that covers the time since the stream opened. */
const HEAD_AFTER_MS = 2_500;

interface Options {
  table: BrowsedTableName;
  filters: Readonly<Record<string, string>>;
  enabled: boolean;
  /** The latest page, if known: the base of the stream. */
  head: readonly LogRow[] | undefined;
  /** Reloads the latest page, which has the rows that arrived while no stream was open. */
  onReadHead: () => void;
  /** While true, new rows are held back. */
  isPaused: boolean;
}

/** Streams the latest rows. A hidden tab closes its stream and catches up when visible again. */
export function useTail({ table, filters, enabled, head, onReadHead, isPaused }: Options) {
  const trpc = useTRPC();
  const visible = useDocumentVisibility() === "visible";
  const view = JSON.stringify([table, filters]);
  const [state, dispatch] = useReducer(tailReducer, NO_TAIL);
  const [starts, setStarts] = useState(0);
  const { status, reset } = useSubscription(
    trpc.logs.tail.subscriptionOptions(enabled && visible ? { table, filters } : skipToken, {
      onStarted: () => setStarts((count) => count + 1),
      onData: ({ data }) => dispatch({ type: "rows", view, rows: data.rows, skipped: data.skipped, isPaused }),
    }),
  );

  useEffect(() => {
    if (enabled && head) dispatch({ type: "rows", view, rows: head, skipped: 0, isPaused });
  }, [enabled, head, view, isPaused]);

  if (!enabled && starts > 0) setStarts(0);
  useEffect(() => {
    if (starts === 0) return;
    const timer = setTimeout(onReadHead, HEAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, [starts, onReadHead]);

  useEffect(() => {
    if (!isPaused) dispatch({ type: "release" });
  }, [isPaused]);

  useStreamRestart({ status, reset });

  const isDisconnected = enabled && visible && (status === "error" || status === "connecting");
  return {
    ...(state.view === view ? state : { ...NO_TAIL, rows: head ?? [] }),
    connection: useConnection(enabled, isDisconnected, starts > 1),
    release: () => dispatch({ type: "release" }),
  };
}

/**
 * Returns `lost` after the stream has been down for a while, then `back` when it returns, until the tail is turned off.
 */
function useConnection(enabled: boolean, isDisconnected: boolean, isReturn: boolean): "live" | "lost" | "back" {
  const [connection, setConnection] = useState<"live" | "lost" | "back">("live");
  useEffect(() => {
    if (!enabled) {
      setConnection("live");
      return;
    }
    if (!isDisconnected) {
      setConnection((old) => (old === "lost" ? (isReturn ? "back" : "live") : old));
      return;
    }
    const timer = setTimeout(() => setConnection("lost"), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [enabled, isDisconnected, isReturn]);
  return connection;
}
