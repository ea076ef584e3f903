"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { RouterOutputs } from "./trpc";

export type Principal = RouterOutputs["me"];
type Role = Principal["role"];

const RANK = { viewer: 0, operator: 1, admin: 2 } as const satisfies Record<Role, number>;

const PrincipalContext = createContext<Principal | null>(null);

export function PrincipalProvider({ principal, children }: { principal: Principal; children: ReactNode }) {
  return <PrincipalContext value={principal}>{children}</PrincipalContext>;
}

/** Who is signed in. @throws outside the dashboard */
export function usePrincipal(): Principal {
  const principal = useContext(PrincipalContext);
  if (!principal) throw new Error("usePrincipal works below PrincipalProvider only.");
  return principal;
}

/** Whether the person has `role` or a higher one. The server decides; this spares people dead buttons. */
export function useHasRole(role: Role): boolean {
  return RANK[usePrincipal().role] >= RANK[role];
}
