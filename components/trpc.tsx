"use client";

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClientErrorLike,
} from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import type { AppRouter } from "@/server/trpc/root";
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
        // The server's refusal stays a refusal; only what may pass by itself is tried again.
        retry: (failures, error) => failures < RETRIES && ["NETWORK", "UNAVAILABLE"].includes(errorCode(error)),
      },
    },
  });
}

function makeTrpcClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({ url: "/api/trpc" }),
        false: splitLink({
          // A batch is answered and given up as a whole: rows would wait for their count, and could not be stopped.
          condition: ({ path }) => path.startsWith("logs.") || path === "exports.preview",
          true: httpLink({ url: "/api/trpc" }),
          false: httpBatchLink({ url: "/api/trpc", maxURLLength: 4_000 }),
        }),
      }),
    ],
  });
}

/** The server's procedures for all components below. */
export function ServerProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(makeTrpcClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
