"use client";

import { useQuery } from "@tanstack/react-query";
import { useMay } from "../../session";
import { useTRPC } from "../../trpc";

/** Others create, use and revoke links as well. */
const REFRESH_MS = 20_000;

/** Whether files can be shared, and the links that work; neither for users who cannot download. */
export function useLinks() {
  const trpc = useTRPC();
  const enabled = useMay("download");
  const settings = useQuery(trpc.exports.sharing.queryOptions(undefined, { enabled }));
  const isAllowed = settings.data?.is_allowed === true;
  const links = useQuery(
    trpc.exports.links.queryOptions(undefined, { enabled: enabled && isAllowed, refetchInterval: REFRESH_MS }),
  );
  return { settings, isAllowed, links };
}
