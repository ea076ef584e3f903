"use client";

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, type TRPCClientErrorLike } from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import type { AppRouter } from "@/server/trpc/root";
import { trpcLinks } from "./trpc-links";
import { errorCode, signInPath } from "./ui/error-code";

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export { useTRPC, useTRPCClient };
export type RouterInputs = inferRouterInputs<AppRouter>;
export type RouterOutputs = inferRouterOutputs<AppRouter>;
export type ServerError = TRPCClientErrorLike<AppRouter>;

const RETRIES = 2;

function makeQueryClient() {
  const leaveWhenSignedOut = (error: unknown) => {
    if (errorCode(error) === "UNAUTHORIZED") window.location.assign(signInPath(window.location));
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // Otherwise nothing is requested, and no error shown, while the browser believes to be offline.
        networkMode: "always",
        refetchOnReconnect: true,
        // Only errors that may be temporary are retried.
        retry: (failures, error) => failures < RETRIES && ["NETWORK", "UNAVAILABLE"].includes(errorCode(error)),
      },
      mutations: { networkMode: "always" },
    },
  });
}

/** Provides the tRPC client to all components below. */
export function ServerProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(() => createTRPCClient<AppRouter>({ links: trpcLinks("/api/trpc") }));
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
