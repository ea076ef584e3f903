import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { createTrpcContext } from "@/server/trpc/init";
import { type AppRouter, appRouter } from "@/server/trpc/root";

/** A page is sent without data that takes longer; the browser then requests it. */
const PATIENCE_MS = 300;

interface Props {
  /** Starts the queries. */
  read: (trpc: TRPCOptionsProxy<AppRouter>, queryClient: QueryClient) => readonly Promise<void>[];
  children: ReactNode;
}

/** Reads the first data of a page on the server, so that the page is complete when it arrives. */
export async function Prefetched({ read, children }: Props) {
  const requested = new Headers(await headers());
  // A link that is pointed at requests the page without its data, which would be old when it is opened.
  if (requested.has("next-router-prefetch")) return children;
  const queryClient = new QueryClient();
  const trpc = createTRPCOptionsProxy({ ctx: createTrpcContext(requested), router: appRouter, queryClient });
  // Errors are left to the browser, which requests and shows them.
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([Promise.all(read(trpc, queryClient)), patience]);
  clearTimeout(timer);
  return <HydrationBoundary state={dehydrate(queryClient)}>{children}</HydrationBoundary>;
}
