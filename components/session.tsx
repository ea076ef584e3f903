"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { RouterOutputs } from "./trpc";

export type Principal = RouterOutputs["me"];
export type Permission = Principal["permissions"][number];
export type PageName = Principal["pages"][number];

const PrincipalContext = createContext<Principal | null>(null);

export function PrincipalProvider({ principal, children }: { principal: Principal; children: ReactNode }) {
  return <PrincipalContext value={principal}>{children}</PrincipalContext>;
}

/** Returns the signed-in user. @throws outside the dashboard */
export function usePrincipal(): Principal {
  const principal = useContext(PrincipalContext);
  if (!principal) throw new Error("usePrincipal must be used within PrincipalProvider.");
  return principal;
}

/**
 * Returns whether the user has the permission. The server enforces it; the interface only hides unavailable actions.
 */
export function useMay(permission: Permission): boolean {
  return usePrincipal().permissions.includes(permission);
}
