import { type BrowsedTableName, mapLogTables } from "@/server/catalog";
import { ROLES } from "@/server/catalog/accounts";
import { AppError } from "@/server/lib/errors";
import type { Principal, Role } from "@/server/process/context";

const EVERYONE = ROLES;
const OPERATORS = ["operator", "admin"] as const;
const ADMINS = ["admin"] as const;
/** Those who may take data out. */
const EXPORTERS = ["operator", "auditor", "admin"] as const;

/**
 * All permissions with the roles that have them, the lowest first; the auditor is beside the operator. This is the only
 * definition.
 */
export const PERMISSIONS = {
  read: EVERYONE,
  ingest: OPERATORS,
  export: EXPORTERS,
  download: EXPORTERS,
  /** Deleting the exports of other users; deleting one's own requires `export`. */
  "exports.delete-any": ADMINS,
  /** Links by which anybody can download a file, where administrators allow them. */
  "exports.share": OPERATORS,
  /** Allowing such links, and revoking those of others. */
  "exports.sharing": ADMINS,
  "queues.pause": OPERATORS,
  "queues.mapping": OPERATORS,
  "dead-letters.replay": ADMINS,
  "dead-letters.discard": ADMINS,
  /** Cancelling one's own exports. */
  "jobs.cancel": EXPORTERS,
  "jobs.cancel-any": ADMINS,
  "alerts.acknowledge": OPERATORS,
  alerts: ADMINS,
  cleanup: ADMINS,
  restore: ADMINS,
  "imports.undo": ADMINS,
  "intake-rules": ADMINS,
  "scheduled-tasks": ADMINS,
  audit: ["admin", "auditor"],
  privacy: ADMINS,
  users: ADMINS,
  "api-keys": ADMINS,
} as const satisfies Record<string, readonly [Role, ...Role[]]>;

export type Permission = keyof typeof PERMISSIONS;

/** Permissions that need a session: a leaked key must not create keys, users or links that outlive it. */
export const NOT_BY_KEY: ReadonlySet<Permission> = new Set(["users", "api-keys", "exports.share", "exports.sharing"]);

/** The permission to read each table. */
export const BROWSE_PERMISSIONS: Readonly<Record<BrowsedTableName, Permission>> = {
  ...mapLogTables(() => "read" as const),
  audit_log: "audit",
};

/** Returns whether `role` includes all permissions of `other`. */
export function includesRole(role: Role, other: Role): boolean {
  return keysOf(PERMISSIONS).every((permission) => !isPermitted(other, permission) || isPermitted(role, permission));
}

export function isPermitted(role: Role, permission: Permission): boolean {
  const roles: readonly Role[] = PERMISSIONS[permission];
  return roles.includes(role);
}

/**
 * Checks a permission.
 * @throws AppError UNAUTHORIZED for an anonymous caller, FORBIDDEN for an insufficient role, and for an API key where a
 * session is required
 */
export function requirePermission(principal: Principal | null, permission: Permission): asserts principal is Principal {
  if (!principal) throw new AppError("auth.required", {});
  if (!isPermitted(principal.role, permission)) {
    throw new AppError("auth.role_too_low", { required: PERMISSIONS[permission][0], role: principal.role });
  }
  if (principal.kind === "api_key" && NOT_BY_KEY.has(permission)) {
    throw new AppError("auth.key_not_allowed", {});
  }
}

/** All pages of the dashboard by folder, with the permission that each needs. */
export const PAGES = {
  "/": "read",
  "/alerts": "read",
  "/dashboards": "read",
  "/tables": "read",
  "/queues": "read",
  "/dead-letters": "read",
  "/imports": "ingest",
  "/intake-rules": "intake-rules",
  "/retention": "read",
  "/schedules": "read",
  "/logs/[table]": "read",
  "/timeline": "read",
  "/explore": "read",
  "/exports": "read",
  "/audit": "audit",
  "/settings/account": "read",
  "/settings/privacy": "privacy",
  "/settings/users": "users",
  "/settings/api-keys": "api-keys",
} as const satisfies Record<string, Permission>;

export type Page = keyof typeof PAGES;

/** The signed-in user as returned to the interface. */
export interface Me {
  readonly id: string;
  readonly kind: Principal["kind"];
  readonly name: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  /** The pages that the user can open. */
  readonly pages: readonly Page[];
}

/** Returns a principal with the permissions of its role, so that the interface needs no permission table of its own. */
export function describePrincipal({ id, kind, name, role }: Principal): Me {
  const may = (permission: Permission) =>
    isPermitted(role, permission) && !(kind === "api_key" && NOT_BY_KEY.has(permission));
  const permissions = keysOf(PERMISSIONS).filter(may);
  return { id, kind, name, role, permissions, pages: keysOf(PAGES).filter((page) => may(PAGES[page])) };
}

function keysOf<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[];
}
