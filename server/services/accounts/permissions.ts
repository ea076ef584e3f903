import type { Principal, Role } from "@/server/context";
import { AppError } from "@/server/errors";

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** What can be permitted, and the lowest role that is: the one place that says so. */
export const PERMISSIONS = {
  read: "viewer",
  ingest: "operator",
  export: "operator",
  download: "operator",
  "queues.pause": "operator",
  "dead-letters.replay": "admin",
  "dead-letters.discard": "admin",
  /** One's own; an administrator's right is any. */
  "jobs.cancel": "operator",
  "alerts.acknowledge": "operator",
  alerts: "admin",
  cleanup: "admin",
  restore: "admin",
  "scheduled-tasks": "admin",
  audit: "admin",
  users: "admin",
  "api-keys": "admin",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof PERMISSIONS;

/** Whether `role` is at least the role that `permission` asks for. */
export function isPermitted(role: Role, permission: Permission): boolean {
  return RANK[role] >= RANK[PERMISSIONS[permission]];
}

/**
 * Lets pass who may.
 * @returns the principal, now known to be there
 * @throws AppError UNAUTHORIZED for nobody, FORBIDDEN for a role too low
 */
export function requirePermission(principal: Principal | null, permission: Permission): Principal {
  if (!principal) throw new AppError("UNAUTHORIZED", "Sign in, or send an API key as `Authorization: Bearer KEY`.");
  if (!isPermitted(principal.role, permission)) {
    throw new AppError(
      "FORBIDDEN",
      `This needs the role ${PERMISSIONS[permission]} or higher; yours is ${principal.role}.`,
    );
  }
  return principal;
}
