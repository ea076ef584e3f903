export { createApiKey, listApiKeys, revokeApiKey } from "./api-keys";
export { handleAuth } from "./auth";
export { authenticate, authenticateCollector } from "./authenticate";
export { changePassword } from "./change-password";
export { deleteExpired } from "./housekeeping";
export {
  changeExpiry,
  changeRole,
  deleteUser,
  disableUser,
  enableUser,
  findUserId,
  listUsers,
  replacePassword,
  resetPassword,
} from "./manage-users";
export {
  BROWSE_PERMISSIONS,
  describePrincipal,
  isPermitted,
  PAGES,
  type Page,
  PERMISSIONS,
  type Permission,
  requirePermission,
} from "./permissions";
export { requireSameOrigin } from "./same-origin";
export { endOtherSessions, endSession, listSessions } from "./sessions";
export { createUser, ensureFirstAdmin, inviteUser } from "./users";
