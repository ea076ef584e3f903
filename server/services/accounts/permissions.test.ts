import { describe, expect, it } from "vitest";
import type { Role } from "@/server/process/context";
import { isPermitted, PERMISSIONS, type Permission, requirePermission, whoIs } from "./permissions";

/** The contract's sentence: viewer reads; operator also ingests, exports (and cancels that) and downloads, and looks after alerts; admin the rest. */
const allowed: Record<Role, Permission[]> = {
  viewer: ["read"],
  operator: ["read", "ingest", "export", "download", "queues.pause", "jobs.cancel", "alerts.acknowledge"],
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
    else expect(() => requirePermission(principal, permission)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it.each(["users", "api-keys"] as const)("are never given to an API key for %s, whatever its role", (permission) => {
    const key = { kind: "api_key", id: "1", name: "key", role: "admin" } as const;
    expect(() => requirePermission(key, permission)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
    expect(whoIs(key).permissions).not.toContain(permission);
    expect(whoIs(key).pages.filter((page) => /users|api-keys/.test(page))).toEqual([]);
    expect(whoIs({ ...key, kind: "user" }).permissions).toContain(permission);
  });

  it("refuses nobody as not signed in", () => {
    expect(() => requirePermission(null, "read")).toThrow(expect.objectContaining({ code: "UNAUTHORIZED" }));
  });
});
