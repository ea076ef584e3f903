import type { ReactNode } from "react";
import { DatabaseAway } from "@/components/shell/database-unreachable";
import { Shell } from "@/components/shell/shell";
import { describePrincipal } from "@/server/services/accounts";
import { Messages } from "../messages";
import { currentPrincipal } from "./sign-in-gate";

/** Without a principal, each page redirects by itself, so that its path is preserved. */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const principal = await currentPrincipal();
  if (principal === "unknown") {
    return (
      <Messages of="(dashboard)/layout">
        <DatabaseAway />
      </Messages>
    );
  }
  if (!principal) return children;
  return (
    <Messages of="(dashboard)/layout">
      <Shell principal={describePrincipal(principal)}>{children}</Shell>
    </Messages>
  );
}
