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

/** The server ends each stream now and then, and browsers wait 3 s before they come back. */
const PATIENCE_MS = 5_000;
/** The server keeps a page for 2 s: one read later is of a time at which the stream was open. */
const HEAD_AFTER_MS = 2_500;

interface Options {
  table: BrowsedTableName;
  filters: Readonly<Record<string, string>>;
  enabled: boolean;
  /** The newest page, as far as it is known: what the stream begins on. */
  head: readonly LogRow[] | undefined;
  /** Reads the newest page again: what came while no stream was open is in there. */
  onReadHead: () => void;
  /** New rows wait until it is false again. */
  hold: boolean;
}

/** The newest rows as they come in. A hidden tab lets go of its stream and catches up when it is seen again. */
export function useTail({ table, filters, enabled, head, onReadHead, hold }: Options) {
  const trpc = useTRPC();
  const visible = useDocumentVisibility() === "visible";
  const view = JSON.stringify([table, filters]);
  const [state, dispatch] = useReducer(tailReducer, NO_TAIL);
  const [starts, setStarts] = useState(0);
  const { status, reset } = useSubscription(
    trpc.logs.tail.subscriptionOptions(enabled && visible ? { table, filters } : skipToken, {
      onStarted: () => setStarts((count) => count + 1),
      onData: ({ data }) => dispatch({ type: "rows", view, rows: data.rows, skipped: data.skipped, hold }),
    }),
  );

  useEffect(() => {
    if (enabled && head) dispatch({ type: "rows", view, rows: head, skipped: 0, hold });
  }, [enabled, head, view, hold]);

  if (!enabled && starts > 0) setStarts(0);
  useEffect(() => {
    if (starts === 0) return;
    const timer = setTimeout(onReadHead, HEAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, [starts, onReadHead]);

  useEffect(() => {
    if (!hold) dispatch({ type: "release" });
  }, [hold]);

  useStreamRestart({ status, reset });

  const isAway = enabled && visible && (status === "error" || status === "connecting");
  return {
    ...(state.view === view ? state : { ...NO_TAIL, rows: head ?? [] }),
    connection: useConnection(enabled, isAway, starts > 1),
    release: () => dispatch({ type: "release" }),
  };
}

/** `lost` once nothing came back for a while, then `back` if it was there before, until the tail is turned off. */
function useConnection(enabled: boolean, isAway: boolean, isReturn: boolean): "live" | "lost" | "back" {
  const [connection, setConnection] = useState<"live" | "lost" | "back">("live");
  useEffect(() => {
    if (!enabled) {
      setConnection("live");
      return;
    }
    if (!isAway) {
      setConnection((old) => (old === "lost" ? (isReturn ? "back" : "live") : old));
      return;
    }
    const timer = setTimeout(() => setConnection("lost"), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [enabled, isAway, isReturn]);
  return connection;
}
