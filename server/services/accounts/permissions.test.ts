import { describe, expect, it } from "vitest";
import { ROLES } from "@/server/catalog/accounts";
import type { Role } from "@/server/process/context";
import {
  describePrincipal,
  includesRole,
  isPermitted,
  PERMISSIONS,
  type Permission,
  requirePermission,
} from "./permissions";

/**
 * The permissions in the contract: viewers read; operators also ingest, export (and cancel exports), download and
 * acknowledge alerts; administrators may do the rest. Auditors read, also the audit log, and export.
 */
const allowed: Record<Role, Permission[]> = {
  viewer: ["read"],
  auditor: ["read", "export", "download", "jobs.cancel", "audit"],
  operator: [
    "read",
    "ingest",
    "export",
    "download",
    "exports.share",
    "queues.pause",
    "queues.mapping",
    "jobs.cancel",
    "alerts.acknowledge",
  ],
  admin: Object.keys(PERMISSIONS) as Permission[],
};

const cases = (Object.keys(allowed) as Role[]).flatMap((role) =>
  (Object.keys(PERMISSIONS) as Permission[]).map((permission) => ({
    role,
    permission,
    may: allowed[role].includes(permission),
  })),
);

describe("permissions", () => {
  it.each(cases)("$role may $permission: $may", ({ role, permission, may }) => {
    expect(isPermitted(role, permission)).toBe(may);
    const principal = { kind: "user", id: "1", name: "someone", role } as const;
    if (may) expect(() => requirePermission(principal, permission)).not.toThrow();
    else expect(() => requirePermission(principal, permission)).toThrow(expect.objectContaining({ kind: "FORBIDDEN" }));
  });

  it.each(["users", "api-keys"] as const)("are never granted to an API key for %s, whatever its role", (permission) => {
    const key = { kind: "api_key", id: "1", name: "key", role: "admin" } as const;
    expect(() => requirePermission(key, permission)).toThrow(expect.objectContaining({ kind: "FORBIDDEN" }));
    expect(describePrincipal(key).permissions).not.toContain(permission);
    expect(describePrincipal(key).pages.filter((page) => /users|api-keys/.test(page))).toEqual([]);
    expect(describePrincipal({ ...key, kind: "user" }).permissions).toContain(permission);
  });

  it("of a role are included in those of another only if it has all of them", () => {
    const included = (role: Role) => ROLES.filter((other) => includesRole(role, other));
    expect(included("auditor")).toEqual(["viewer", "auditor"]);
    expect(included("operator")).toEqual(["viewer", "operator"]);
    expect(included("admin")).toEqual([...ROLES]);
  });

  it("requires sign-in of anonymous callers", () => {
    expect(() => requirePermission(null, "read")).toThrow(expect.objectContaining({ kind: "UNAUTHORIZED" }));
  });
});
